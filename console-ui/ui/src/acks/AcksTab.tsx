import { useRef, useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { Badge, Button, Card, Empty, Failure, fieldClass, Labelled } from '../ui/parts';
import { combinations, micros, type Setting, verdictOf } from './acks';
import { LatencyBars } from './LatencyBars';

type Run = Schema['AcksRun'];
/** What came of a setting: a run, or why there was none. */
interface Outcome {
  setting: Setting;
  run?: Run;
  error?: Error;
}
const acksOf = ['0', '1', 'all'] as const;

/** Lab B3 on one topic: what acks and min.insync.replicas cost and promise, measured on a twin of it. */
export function AcksTab({ cluster, topic, replicas }: { cluster: string; topic: string; replicas: number }) {
  const text = useText();
  const words = text.acks;
  const [acks, setAcks] = useState<readonly string[]>(acksOf);
  const [minInsync, setMinInsync] = useState<readonly number[]>([1]);
  const [records, setRecords] = useState(500);
  const [rate, setRate] = useState(200);
  const [size, setSize] = useState(100);
  const [retry, setRetry] = useState(false);
  const [confirm, setConfirm] = useState('');
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  const [current, setCurrent] = useState<string | null>(null);
  const stopped = useRef(false);
  const settings = combinations(acks, minInsync);
  const toggle = <T,>(list: readonly T[], one: T) => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one].sort());
  const run = async () => {
    setOutcomes([]);
    stopped.current = false;
    for (const one of settings) {
      if (stopped.current) break;
      setCurrent(words.setting(one.acks, one.minInsyncReplicas));
      try {
        const done = await call(api.POST('/api/v1/clusters/{clusterId}/topics/{topic}/acks-lab', {
          params: { path: { clusterId: cluster, topic }, query: { confirm } },
          body: { ...one, records, recordsPerSecond: rate, sizeBytes: size, retry },
        }));
        setOutcomes((old) => [...old, { setting: one, run: done }]);
      } catch (failure) {
        // One setting that could not be tried says nothing of the next.
        setOutcomes((old) => [...old, { setting: one, error: failure as Error }]);
      }
    }
    setCurrent(null);
  };
  const seconds = Math.ceil((settings.length * records) / Math.max(rate, 1));
  const runs = outcomes.flatMap((one) => one.run ?? []);
  const slowest = Math.max(1, ...runs.map((one) => one.latency.buckets.length));
  return (
    <div className="flex flex-col gap-4">
      <Card title={words.title}>
        <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); void run(); }}>
          <p className="max-w-3xl text-soft">{words.explain}</p>
          <div className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 lg:grid-cols-5">
            <fieldset className="flex flex-col gap-1">
              <legend className="mb-1 text-xs font-medium text-soft">acks</legend>
              {acksOf.map((one) => <label key={one} className="flex items-center gap-1.5"><input type="checkbox" checked={acks.includes(one)} onChange={() => setAcks(toggle(acks, one))} /><code>{one}</code></label>)}
            </fieldset>
            <fieldset className="flex flex-col gap-1">
              <legend className="mb-1 text-xs font-medium text-soft">min.insync.replicas</legend>
              {Array.from({ length: replicas }, (_, at) => at + 1).map((one) => <label key={one} className="flex items-center gap-1.5"><input type="checkbox" checked={minInsync.includes(one)} onChange={() => setMinInsync(toggle(minInsync, one))} />{one}</label>)}
            </fieldset>
            <Labelled label={words.records}><input type="number" min={1} max={5000} className={fieldClass} value={records} onChange={(event) => setRecords(Number(event.target.value))} /></Labelled>
            <Labelled label={words.rate}><input type="number" min={1} max={1000} className={fieldClass} value={rate} onChange={(event) => setRate(Number(event.target.value))} /></Labelled>
            <Labelled label={words.size}><input type="number" min={1} max={10000} className={fieldClass} value={size} onChange={(event) => setSize(Number(event.target.value))} /></Labelled>
          </div>
          <label className="flex items-center gap-2"><input type="checkbox" checked={retry} onChange={(event) => setRetry(event.target.checked)} />{words.retry}</label>
          <p className="rounded-lg bg-warn-wash px-3 py-2 text-warn">{words.danger(settings.length, groupDigits(records), rate, seconds)}</p>
          <div className="flex flex-wrap items-end gap-2">
            <Labelled label={text.common.typeToConfirm(topic)}><input className={`${fieldClass} w-64 max-w-full`} value={confirm} onChange={(event) => setConfirm(event.target.value)} /></Labelled>
            <Button look="primary" type="submit" disabled={confirm !== topic || settings.length === 0 || current !== null}>{words.run}</Button>
            {current && <Button onClick={() => { stopped.current = true; }}>{words.stop}</Button>}
          </div>
          <p role="status" className="text-soft">{current && words.running(current, outcomes.length + 1, settings.length)}</p>
        </form>
      </Card>
      <Card title={words.results} flush>
        {outcomes.length === 0 ? <Empty title={words.none} hint={words.noneHint} /> : (
          <ul className="grid gap-px bg-line/60 lg:grid-cols-3">
            {outcomes.map(({ setting, run: one, error }) => !one ? (
              <li key={`${setting.acks}/${setting.minInsyncReplicas}`} className="min-w-0 bg-card p-4">
                <h3 className="font-semibold"><code>{words.setting(setting.acks, setting.minInsyncReplicas)}</code></h3>
                <p className="mt-1 text-soft">{words.notRun}</p>
                {error && <Failure error={error} />}
              </li>
            ) : (
              <li key={`${one.acks}/${one.minInsyncReplicas}`} className="min-w-0 bg-card p-4">
                <h3 className="font-semibold"><code>{words.setting(one.acks, one.minInsyncReplicas)}</code></h3>
                <p className="mt-1 mb-3 text-soft">{verdictOf(one, words)}</p>
                <dl className="mb-3 grid grid-cols-3 gap-2 tabular-nums">
                  {[[words.median, one.latency.p50Micros], ['p99', one.latency.p99Micros], [words.max, one.latency.maxMicros]].map(([name, value]) => (
                    <div key={name}><dt className="text-xs text-soft">{name}</dt><dd className="font-semibold">{one.acknowledged === 0 ? '–' : micros(Number(value))}</dd></div>
                  ))}
                </dl>
                <LatencyBars run={one} columns={slowest} />
                <p className="mt-3 flex flex-wrap gap-1">
                  <Badge tone={one.acknowledged === one.sent ? 'good' : 'warn'}>{words.acknowledged(one.acknowledged, one.sent)}</Badge>
                  {one.lost > 0 && <Badge tone="bad">{words.lost(one.lost)}</Badge>}
                  {one.unreadable > 0 && <Badge tone="warn">{words.unreadable(one.unreadable)}</Badge>}
                  {one.duplicates > 0 && <Badge tone="bad">{words.duplicates(one.duplicates)}</Badge>}
                  {Object.entries(one.failures).map(([name, count]) => <Badge key={name} tone="bad">{name} × {count}</Badge>)}
                  <Badge>{words.isr(one.inSyncReplicasBefore, one.inSyncReplicasAfter, one.replicationFactor)}</Badge>
                </p>
                {one.leftBehind && <p className="mt-2 text-bad">{one.leftBehind}</p>}
              </li>
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}
