import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { Button, Dialog, Failure, fieldClass, Labelled } from '../ui/parts';

/** Deletes committed offsets of a topic, or of all, after showing which. */
export function ForgetDialog({ cluster, group, topics, onClose }: { cluster: string; group: string; topics: string[]; onClose(): void }) {
  const text = useText();
  const [topic, setTopic] = useState('');
  const [confirm, setConfirm] = useState('');
  const path = { clusterId: cluster, groupId: group };
  const body: Schema['DeleteOffsetsRequest'] = topic ? { topics: [topic] } : {};
  const preview = useQuery({
    queryKey: ['forget', cluster, group, topic],
    refetchInterval: false,
    queryFn: () => call(api.POST('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}/offsets:delete', { params: { path, query: { dryRun: true } }, body })),
  });
  const forget = useMutation({
    mutationFn: () => call(api.POST('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}/offsets:delete', { params: { path, query: { confirm } }, body })),
    onSuccess: (answer) => { if (answer.items.every((one) => one.deleted)) onClose(); },
  });
  const refused = forget.data?.items.filter((one) => !one.deleted) ?? [];
  return (
    <Dialog title={`${text.forget.title}: ${group}`} open onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); forget.mutate(); }}>
        <p className="text-soft">{text.forget.explain}</p>
        <Labelled label={text.nav.topics}>
          <select className={fieldClass} value={topic} onChange={(event) => { setTopic(event.target.value); forget.reset(); }}>
            <option value="">{text.topics.all}</option>
            {topics.map((one) => <option key={one} value={one}>{one}</option>)}
          </select>
        </Labelled>
        {preview.isError ? <Failure error={preview.error} /> : preview.data && (
          <ul aria-label={text.common.preview} className="max-h-48 overflow-auto rounded-lg border">
            {preview.data.items.map((one) => <li key={`${one.topic}-${one.partition}`} className="flex justify-between gap-3 border-b border-line/60 px-3 py-1.5 last:border-0"><span className="wrap-anywhere">{one.topic}-{one.partition}</span><span className="tabular-nums">{groupDigits(one.before)}</span></li>)}
          </ul>
        )}
        <Labelled label={text.common.typeToConfirm(group)}><input className={fieldClass} value={confirm} onChange={(event) => setConfirm(event.target.value)} /></Labelled>
        {forget.isError && <Failure error={forget.error} />}
        {refused.length > 0 && <ul role="alert" className="rounded-lg bg-bad-wash px-4 py-3 text-bad">{refused.slice(0, 10).map((one) => <li key={`${one.topic}-${one.partition}`}>{one.topic}-{one.partition}: {one.detail}</li>)}</ul>}
        <div className="flex justify-end gap-2"><Button onClick={onClose}>{text.common.cancel}</Button><Button look="danger" type="submit" disabled={confirm !== group || !preview.data || forget.isPending}>{text.forget.title}</Button></div>
      </form>
    </Dialog>
  );
}
