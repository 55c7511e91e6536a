import { useEffect, useState } from 'react';
import { usePreferences } from '../i18n';
import { Badge, Card, Empty, Failure, fieldClass, Loading } from '../ui/parts';
import type { Schema } from '../api/client';
import { causeText, describe, milliseconds } from './describe';
import { type GroupEvent, memberName, timelineOf } from './timeline';
import { Legend, TimelineChart } from './TimelineChart';
import { useRebalances } from './useRebalances';

const windows = [5, 15, 60, 360, 1_440];
const minSpanMs = 60_000;

/** What happened in one group: the sentence, the chart, and the same as tables. */
export function GroupTimeline({ cluster, group }: { cluster: string; group: string }) {
  const { text } = usePreferences();
  const [minutes, setMinutes] = useState(60);
  const [now, setNow] = useState(Date.now);
  const { history, events, connected } = useRebalances(cluster, group, minutes);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  if (history.isError && !history.data) return <Failure error={history.error} retry={() => void history.refetch()} />;
  if (!history.data) return <Loading />;
  const timeline = timelineOf(events);
  const names = namesOf(events);
  const from = Math.max(Math.min(timeline.from, now - minSpanMs), now - minutes * 60_000);
  const partitions = [...new Set(timeline.rows.flatMap((row) => row.bars.map((bar) => bar.partition)))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return (
    <div className="flex flex-col gap-4">
      <VerdictCard verdict={history.data.verdict} />
      {history.data.source === 'POLLING' && <p className="rounded-xl bg-sunken px-4 py-2.5 text-soft">{text.rebalances.source}</p>}
      <Card
        title={text.rebalances.chart}
        actions={
          <span className="flex items-center gap-3">
            <Badge tone={connected ? 'good' : 'neutral'}>{connected ? text.rebalances.live : text.rebalances.notLive}</Badge>
            <select aria-label={text.rebalances.window} className={fieldClass} value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
              {windows.map((one) => <option key={one} value={one}>{text.rebalances.lastMinutes(one)}</option>)}
            </select>
          </span>
        }
      >
        {timeline.rows.length === 0 ? <Empty title={text.rebalances.waiting} /> : (
          <>
            <TimelineChart timeline={timeline} partitions={partitions} from={from} now={now} names={names} label={text.rebalances.chart} />
            <Legend partitions={partitions} />
          </>
        )}
      </Card>
      <RebalanceTable items={history.data.rebalances} />
      <Card title={text.rebalances.events} flush>
        <ol className="max-h-80 overflow-auto" tabIndex={0} aria-label={text.rebalances.events}>
          {events.toReversed().slice(0, 500).map((event) => (
            <li key={event.id} className="flex gap-4 border-b border-line/60 px-4 py-1.5 last:border-0">
              <time className="shrink-0 text-soft tabular-nums" dateTime={event.at}>{new Date(event.at).toLocaleTimeString()}</time>
              <span className="min-w-0 break-words">{describe(event, text, names)}</span>
            </li>
          ))}
        </ol>
      </Card>
    </div>
  );
}

function VerdictCard({ verdict }: { verdict: Schema['Verdict'] }) {
  const { text } = usePreferences();
  return (
    <section className="rounded-xl border bg-card p-4" aria-label={text.rebalances.why}>
      <p role="status" className="text-base font-medium">{text.rebalances.verdict(verdict.kind, verdict.facts) ?? verdict.sentence}</p>
      {verdict.advice.length > 0 && (
        <ul className="mt-2 flex flex-wrap gap-2">
          {verdict.advice.map((one) => (
            <li key={one.setting}><code className="rounded-md bg-accent-wash px-2 py-1 text-xs text-accent">{one.setting}{one.value && `=${one.value}`}</code></li>
          ))}
        </ul>
      )}
      {verdict.unknown.length > 0 && (
        <details className="mt-2 text-soft">
          <summary>{text.rebalances.cannotKnow}</summary>
          <ul className="mt-1 list-disc pl-5">{verdict.unknown.map((one) => <li key={one}>{one}</li>)}</ul>
        </details>
      )}
    </section>
  );
}

/** The columns of the chart as a table, newest first. */
function RebalanceTable({ items }: { items: Schema['Rebalance'][] }) {
  const { text } = usePreferences();
  const words = text.rebalances;
  if (items.length === 0) return null;
  return (
    <Card title={words.table} flush>
      <div className="max-h-80 overflow-auto" tabIndex={0} role="region" aria-label={words.table}>
        <table className="w-full min-w-[40rem] text-left">
          <thead className="text-xs text-soft">
            <tr className="border-b">
              {[words.when, words.generation, words.cause, words.who, words.took, words.moved, words.longest].map((head) => <th key={head} scope="col" className="px-4 py-2 font-medium">{head}</th>)}
            </tr>
          </thead>
          <tbody>
            {items.toReversed().slice(0, 200).map((one) => (
              <tr key={`${one.startedAt} ${one.generation}`} className="border-b border-line/60 last:border-0">
                <td className="px-4 py-1.5 whitespace-nowrap tabular-nums"><time dateTime={one.startedAt}>{new Date(one.startedAt).toLocaleTimeString()}</time></td>
                <td className="px-4 py-1.5 tabular-nums">{one.generation}</td>
                <td className="px-4 py-1.5" title={one.reason}>{causeText(one.cause, text)}</td>
                <td className="px-4 py-1.5">{one.member ?? '–'}</td>
                <td className="px-4 py-1.5 whitespace-nowrap tabular-nums">{one.endedAt === undefined ? words.unfinished : one.durationMs === undefined ? '–' : milliseconds(one.durationMs)}</td>
                <td className="px-4 py-1.5 tabular-nums">{one.moved}</td>
                <td className="px-4 py-1.5 whitespace-nowrap tabular-nums">{one.longestStandstillMs === undefined ? '–' : milliseconds(one.longestStandstillMs)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function namesOf(events: GroupEvent[]): Map<string, string> {
  return new Map(events.flatMap((event) => (event.member ? [[event.member.memberId, memberName(event.member)] as const] : [])));
}
