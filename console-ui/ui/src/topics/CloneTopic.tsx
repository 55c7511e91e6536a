import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { OperationProgress } from '../operations/OperationProgress';
import { Button, Dialog, Failure, fieldClass, Labelled } from '../ui/parts';

/** A second topic with the same partitions and configuration and, if wished, the same records. */
export function CloneTopic({ cluster, topic, onClose }: { cluster: string; topic: string; onClose(): void }) {
  const text = useText();
  const [name, setName] = useState(`${topic}-copy`);
  const [records, setRecords] = useState(false);
  const body = { name, records };
  const path = { clusterId: cluster, topic };
  const preview = useQuery({
    queryKey: ['clone', cluster, topic, body],
    enabled: name !== '',
    retry: false,
    refetchInterval: false,
    queryFn: () => call(api.POST('/api/v1/clusters/{clusterId}/topics/{topic}:clone', { params: { path, query: { dryRun: true } }, body })),
  });
  const clone = useMutation({ mutationFn: () => call(api.POST('/api/v1/clusters/{clusterId}/topics/{topic}:clone', { params: { path }, body })) });
  const made = clone.data;
  return (
    <Dialog title={`${text.clone.title}: ${topic}`} open onClose={onClose}>
      {made ? (
        <div className="flex flex-col gap-4">
          <p className="rounded-lg bg-good-wash px-3 py-2 font-medium text-good">{text.clone.made(made.name)}</p>
          {made.copy && <OperationProgress operation={made.copy} />}
          <div className="flex items-center justify-end gap-4">
            <Link to="/$cluster/topics/$topic" params={{ cluster, topic: made.name }} onClick={onClose} className="text-accent hover:underline">{made.name}</Link>
            <Button onClick={onClose}>{text.common.close}</Button>
          </div>
        </div>
      ) : (
        <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); clone.mutate(); }}>
          <p className="text-soft">{text.clone.explain}</p>
          <Labelled label={text.clone.name}><input autoFocus required className={fieldClass} value={name} onChange={(event) => setName(event.target.value)} /></Labelled>
          <label className="flex items-center gap-2"><input type="checkbox" checked={records} onChange={(event) => setRecords(event.target.checked)} />{text.clone.records}</label>
          {preview.isError ? <Failure error={preview.error} /> : preview.data && <p className="text-soft">{text.clone.preview(preview.data.partitions, preview.data.replicationFactor, groupDigits(preview.data.records))}</p>}
          {clone.isError && <Failure error={clone.error} />}
          <div className="flex justify-end gap-2"><Button onClick={onClose}>{text.common.cancel}</Button><Button look="primary" type="submit" disabled={!preview.isSuccess || clone.isPending}>{text.clone.title}</Button></div>
        </form>
      )}
    </Dialog>
  );
}
