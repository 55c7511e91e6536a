import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { instant } from '../lib/time';
import { Badge, Button, Dialog, Failure, fieldClass, Labelled } from '../ui/parts';
import { parseOffsets, type WantedOffset } from './offsetsFile';

const modes = ['EARLIEST', 'LATEST', 'DATETIME', 'DURATION', 'OFFSET', 'SHIFT_BY', 'FROM_GROUP', 'CURRENT', 'OFFSETS'] as const;
type Mode = (typeof modes)[number];
const valueless: Mode[] = ['EARLIEST', 'LATEST', 'CURRENT', 'OFFSETS'];

/** Shows every partition's offset before and after, and only then moves them. */
export function ResetDialog({ cluster, group, topics, active, onClose }: { cluster: string; group: string; topics: string[]; active: boolean; onClose(): void }) {
  const text = useText();
  const [mode, setMode] = useState<Mode>('EARLIEST');
  const [topic, setTopic] = useState('');
  const [value, setValue] = useState('');
  const [wanted, setWanted] = useState<WantedOffset[] | Error | null>(null);
  const path = { clusterId: cluster, groupId: group };
  const needsValue = !valueless.includes(mode);
  const ready = mode === 'OFFSETS' ? Array.isArray(wanted) && wanted.length > 0 : !needsValue || value !== '';
  const body: Schema['ResetRequest'] = {
    mode,
    topics: mode !== 'OFFSETS' && topic ? [topic] : undefined,
    partitions: mode === 'OFFSETS' && Array.isArray(wanted) ? wanted : undefined,
    datetime: mode === 'DATETIME' ? instant(value) : undefined,
    duration: mode === 'DURATION' ? value : undefined,
    offset: mode === 'OFFSET' ? value : undefined,
    shiftBy: mode === 'SHIFT_BY' ? value : undefined,
    fromGroup: mode === 'FROM_GROUP' ? value : undefined,
  };
  const preview = useQuery({
    queryKey: ['reset', cluster, group, body],
    enabled: !active && ready,
    refetchInterval: false,
    queryFn: () => call(api.POST('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}/offsets:reset', { params: { path, query: { dryRun: true } }, body })),
  });
  const apply = useMutation({
    mutationFn: () => call(api.POST('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}/offsets:reset', { params: { path }, body })),
    onSuccess: onClose,
  });
  const read = async (file: File | undefined) => {
    if (!file) return;
    const content = await file.text();
    try {
      setWanted(parseOffsets(content, group));
    } catch (wrong) {
      setWanted(wrong as Error);
    }
  };
  const type = mode === 'DATETIME' ? 'datetime-local' : mode === 'OFFSET' || mode === 'SHIFT_BY' ? 'number' : 'text';
  return (
    <Dialog wide title={`${text.groups.reset}: ${group}`} open onClose={onClose}>
      {active ? <p className="rounded-lg bg-warn-wash px-4 py-3 text-warn">{text.groups.resetActive}</p> : (
        <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); apply.mutate(); }}>
          <div className="grid gap-3 sm:grid-cols-3">
            <Labelled label={text.groups.reset}>
              <select className={fieldClass} value={mode} onChange={(event) => { setMode(event.target.value as Mode); setValue(''); setWanted(null); apply.reset(); }}>
                {modes.map((one) => <option key={one} value={one}>{text.groups.modes[one]}</option>)}
              </select>
            </Labelled>
            {needsValue && <Labelled label={text.groups.modes[mode]}><input key={mode} type={type} step={1} className={fieldClass} value={value} placeholder={mode === 'DURATION' ? 'PT1H' : mode === 'SHIFT_BY' ? '-10' : ''} onChange={(event) => setValue(event.target.value)} /></Labelled>}
            {mode !== 'OFFSETS' && (
              <Labelled label={text.groups.scope}>
                <select className={fieldClass} value={topic} onChange={(event) => { setTopic(event.target.value); apply.reset(); }}>
                  <option value="">{text.topics.all}</option>
                  {topics.map((one) => <option key={one} value={one}>{one}</option>)}
                </select>
              </Labelled>
            )}
            {mode === 'OFFSETS' && <Labelled label={text.groups.offsetsFile}><input type="file" accept=".csv,.txt" title={text.groups.fileHint} onChange={(event) => void read(event.target.files?.[0])} /></Labelled>}
          </div>
          {mode === 'OFFSETS' && (wanted instanceof Error ? <p role="alert" className="rounded-lg bg-bad-wash px-4 py-3 text-bad wrap-anywhere">{text.groups.fileWrong(wanted.message)}</p> : <p className="text-soft">{text.groups.fileHint}</p>)}
          {preview.isError && <Failure error={preview.error} />}
          {preview.data && (
            <div className="max-h-72 overflow-auto rounded-lg border" tabIndex={0} role="region" aria-label={text.common.preview}>
              <table className="w-full">
                <thead><tr className="text-xs text-soft">{[text.nav.topics, text.groups.partition, text.common.before, text.common.after].map((head, at) => <th key={head} scope="col" className={`sticky top-0 bg-card px-3 py-2 font-medium ${at ? 'num' : 'text-left'}`}>{head}</th>)}</tr></thead>
                <tbody>
                  {preview.data.items.map((move) => (
                    <tr key={`${move.topic}/${move.partition}`} className={move.before === move.after ? 'text-soft' : ''}>
                      <td className="px-3 py-1">{move.topic}</td><td className="num px-3">{move.partition}</td><td className="num px-3">{groupDigits(move.before)}</td>
                      <td className="num px-3 font-medium">{groupDigits(move.after)} {move.clamped && <Badge tone="warn">{text.groups.clamped}</Badge>}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {apply.isError && <Failure error={apply.error} />}
          <div className="flex justify-end gap-2"><Button onClick={onClose}>{text.common.cancel}</Button><Button look="primary" type="submit" disabled={!ready || !preview.data || apply.isPending}>{text.common.apply}</Button></div>
        </form>
      )}
    </Dialog>
  );
}
