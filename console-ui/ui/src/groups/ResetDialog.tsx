import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { Badge, Button, Dialog, Failure, fieldClass, Labelled } from '../ui/parts';

const modes = ['EARLIEST', 'LATEST', 'DATETIME', 'DURATION', 'OFFSET', 'SHIFT_BY', 'FROM_GROUP', 'CURRENT'] as const;
type Mode = (typeof modes)[number];

/** Shows every partition's offset before and after, and only then moves them. */
export function ResetDialog({ cluster, group, active, open, onClose }: { cluster: string; group: string; active: boolean; open: boolean; onClose(): void }) {
  const text = useText();
  const [mode, setMode] = useState<Mode>('EARLIEST');
  const [value, setValue] = useState('');
  const path = { clusterId: cluster, groupId: group };
  const needsValue = mode !== 'EARLIEST' && mode !== 'LATEST' && mode !== 'CURRENT';
  const body: Schema['ResetRequest'] = {
    mode,
    datetime: mode === 'DATETIME' && value ? new Date(value).toISOString() : undefined,
    duration: mode === 'DURATION' ? value : undefined,
    offset: mode === 'OFFSET' ? value : undefined,
    shiftBy: mode === 'SHIFT_BY' ? value : undefined,
    fromGroup: mode === 'FROM_GROUP' ? value : undefined,
  };
  const preview = useQuery({
    queryKey: ['reset', cluster, group, body],
    enabled: open && !active && (!needsValue || value !== ''),
    refetchInterval: false,
    queryFn: () => call(api.POST('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}/offsets:reset', { params: { path, query: { dryRun: true } }, body })),
  });
  const apply = useMutation({
    mutationFn: () => call(api.POST('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}/offsets:reset', { params: { path }, body })),
    onSuccess: onClose,
  });
  const type = mode === 'DATETIME' ? 'datetime-local' : mode === 'OFFSET' || mode === 'SHIFT_BY' ? 'number' : 'text';
  return (
    <Dialog wide title={`${text.groups.reset}: ${group}`} open={open} onClose={onClose}>
      {active ? <p className="rounded-lg bg-warn-wash px-4 py-3 text-warn">{text.groups.resetActive}</p> : (
        <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); apply.mutate(); }}>
          <div className="grid gap-3 sm:grid-cols-2">
            <Labelled label={text.groups.reset}>
              <select className={fieldClass} value={mode} onChange={(event) => { setMode(event.target.value as Mode); setValue(''); apply.reset(); }}>
                {modes.map((one) => <option key={one} value={one}>{text.groups.modes[one]}</option>)}
              </select>
            </Labelled>
            {needsValue && <Labelled label={text.groups.modes[mode]}><input key={mode} type={type} step={1} className={fieldClass} value={value} placeholder={mode === 'DURATION' ? 'PT1H' : mode === 'SHIFT_BY' ? '-10' : ''} onChange={(event) => setValue(event.target.value)} /></Labelled>}
          </div>
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
          <div className="flex justify-end gap-2"><Button onClick={onClose}>{text.common.cancel}</Button><Button look="primary" type="submit" disabled={!preview.data || apply.isPending}>{text.common.apply}</Button></div>
        </form>
      )}
    </Dialog>
  );
}
