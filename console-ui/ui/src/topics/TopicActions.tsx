import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '../api/client';
import { useText } from '../i18n';
import { Button, Dialog, Failure, fieldClass, Labelled } from '../ui/parts';

interface Props {
  cluster: string;
  topic: string;
  open: boolean;
  onClose(): void;
}

export function GrowTopic({ cluster, topic, now, open, onClose }: Props & { now: number }) {
  const text = useText();
  const [total, setTotal] = useState('');
  const grow = useMutation({
    mutationFn: () => call(api.POST('/api/v1/clusters/{clusterId}/topics/{topic}/partitions:grow', { params: { path: { clusterId: cluster, topic } }, body: { total: Number(total) } })),
    onSuccess: onClose,
  });
  return (
    <Dialog title={text.topics.grow} open={open} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); grow.mutate(); }}>
        <p className="text-soft">{text.topics.growHint}</p>
        <Labelled label={text.topics.growTo}><input autoFocus type="number" min={1} required className={fieldClass} placeholder={String(now)} value={total} onChange={(event) => setTotal(event.target.value)} /></Labelled>
        {grow.isError && <Failure error={grow.error} />}
        <div className="flex justify-end gap-2"><Button onClick={onClose}>{text.common.cancel}</Button><Button look="primary" type="submit" disabled={!total || grow.isPending}>{text.topics.grow}</Button></div>
      </form>
    </Dialog>
  );
}

export function DeleteTopic({ cluster, topic, open, onClose, onDeleted }: Props & { onDeleted(): void }) {
  const text = useText();
  const [confirm, setConfirm] = useState('');
  const remove = useMutation({
    mutationFn: () => call(api.DELETE('/api/v1/clusters/{clusterId}/topics/{topic}', { params: { path: { clusterId: cluster, topic }, query: { confirm } } })),
    onSuccess: onDeleted,
  });
  return (
    <Dialog title={text.topics.delete} open={open} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); remove.mutate(); }}>
        <p className="text-soft">{text.topics.deleteHint}</p>
        <Labelled label={text.common.typeToConfirm(topic)}><input autoFocus className={fieldClass} value={confirm} onChange={(event) => setConfirm(event.target.value)} /></Labelled>
        {remove.isError && <Failure error={remove.error} />}
        <div className="flex justify-end gap-2"><Button onClick={onClose}>{text.common.cancel}</Button><Button look="danger" type="submit" disabled={confirm !== topic || remove.isPending}>{text.topics.delete}</Button></div>
      </form>
    </Dialog>
  );
}
