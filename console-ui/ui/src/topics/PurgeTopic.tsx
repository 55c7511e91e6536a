import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { begun, OperationProgress } from '../operations/OperationProgress';
import { Button, Dialog, Failure, fieldClass, Labelled } from '../ui/parts';

/** Deletes the oldest records of a topic: says how many, and then shows how far it is. */
export function PurgeTopic({ cluster, topic, onClose }: { cluster: string; topic: string; onClose(): void }) {
  const text = useText();
  const [time, setTime] = useState('');
  const [byTime, setByTime] = useState(false);
  const [confirm, setConfirm] = useState('');
  const body = byTime ? { beforeTime: time ? new Date(time).toISOString() : undefined } : { everything: true };
  const path = { clusterId: cluster, topic };
  const ready = !byTime || time !== '';
  const preview = useQuery({
    queryKey: ['purge', cluster, topic, body],
    enabled: ready,
    refetchInterval: false,
    queryFn: () => call(api.POST('/api/v1/clusters/{clusterId}/topics/{topic}/records:purge', { params: { path, query: { dryRun: true } }, body })) as Promise<Schema['PurgeResult']>,
  });
  const purge = useMutation({
    mutationFn: () => call(api.POST('/api/v1/clusters/{clusterId}/topics/{topic}/records:purge', { params: { path, query: { confirm }, header: { Prefer: 'respond-async' } }, body })),
  });
  return (
    <Dialog title={`${text.topics.purge}: ${topic}`} open onClose={onClose}>
      {purge.data ? (
        <div className="flex flex-col gap-4">
          {begun(purge.data) && <OperationProgress operation={purge.data} />}
          <div className="flex justify-end"><Button onClick={onClose}>{text.common.close}</Button></div>
        </div>
      ) : (
      <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); purge.mutate(); }}>
        <p className="text-soft">{text.topics.purgeHint}</p>
        <fieldset className="flex flex-col gap-2">
          <label className="flex items-center gap-2"><input type="radio" checked={!byTime} onChange={() => setByTime(false)} />{text.topics.purgeAll}</label>
          <label className="flex items-center gap-2"><input type="radio" checked={byTime} onChange={() => setByTime(true)} />{text.topics.purgeBefore}</label>
          {byTime && <input type="datetime-local" step={1} aria-label={text.topics.purgeBefore} className={fieldClass} value={time} onChange={(event) => setTime(event.target.value)} />}
        </fieldset>
        {preview.isError ? <Failure error={preview.error} /> : preview.data && <p className="rounded-lg bg-warn-wash px-3 py-2 font-medium text-warn">{text.topics.purgePreview(groupDigits(preview.data.offsetsRemoved))}</p>}
        <Labelled label={text.common.typeToConfirm(topic)}><input className={fieldClass} value={confirm} onChange={(event) => setConfirm(event.target.value)} /></Labelled>
        {purge.isError && <Failure error={purge.error} />}
        <div className="flex justify-end gap-2"><Button onClick={onClose}>{text.common.cancel}</Button><Button look="danger" type="submit" disabled={confirm !== topic || !ready || purge.isPending}>{text.topics.purge}</Button></div>
      </form>
      )}
    </Dialog>
  );
}
