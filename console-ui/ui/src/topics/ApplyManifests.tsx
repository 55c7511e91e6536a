import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { Badge, Button, Dialog, Failure, fieldClass, Labelled } from '../ui/parts';

const example = `apiVersion: kafka.strimzi.io/v1
kind: KafkaTopic
metadata:
  name: orders
spec:
  partitions: 3
  replicas: 1
  config:
    retention.ms: 604800000
`;
const tones = { CREATED: 'good', CONFIGURED: 'accent', UNCHANGED: 'neutral', FAILED: 'bad' } as const;

/** Strimzi KafkaTopic manifests: says what they would change, and only then changes it. */
export function ApplyManifests({ cluster, onClose, onApplied }: { cluster: string; onClose(): void; onApplied(): void }) {
  const text = useText();
  const [yaml, setYaml] = useState('');
  const send = (dryRun: boolean) => call(api.POST('/api/v1/clusters/{clusterId}/topics:apply', {
    params: { path: { clusterId: cluster }, query: { dryRun } },
    headers: { 'Content-Type': 'application/yaml' },
    body: yaml,
    bodySerializer: (body: string) => body,
  })) as Promise<Schema['AppliedTopics']>;
  const preview = useMutation({ mutationFn: () => send(true) });
  const apply = useMutation({ mutationFn: () => send(false), onSuccess: onApplied });
  const shown = apply.data ?? preview.data;
  const changes = preview.data?.items.some((one) => one.outcome === 'CREATED' || one.outcome === 'CONFIGURED') ?? false;
  const edit = (next: string) => { setYaml(next); preview.reset(); apply.reset(); };
  return (
    <Dialog wide title={text.manifests.title} open onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); if (preview.data) apply.mutate(); else preview.mutate(); }}>
        <p className="text-soft">{text.manifests.explain}</p>
        <Labelled label="YAML"><textarea autoFocus required spellCheck={false} rows={10} placeholder={example} value={yaml} onChange={(event) => edit(event.target.value)} className={`${fieldClass} !h-auto py-2 font-mono text-[13px]`} /></Labelled>
        <label className="flex flex-wrap items-center gap-2 text-soft">{text.manifests.file}
          <input type="file" accept=".yaml,.yml" onChange={(event) => { void event.target.files?.[0]?.text().then(edit); }} />
        </label>
        {shown && (
          <ul aria-label={text.common.preview} className="max-h-60 overflow-auto rounded-lg border">
            {shown.items.map((one) => (
              <li key={one.topic} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-b border-line/60 px-3 py-2 last:border-0">
                <span className="font-medium wrap-anywhere">{one.topic}</span>
                <Badge tone={tones[one.outcome]}>{(shown.applied ? text.manifests.done : text.manifests.would)[one.outcome]}</Badge>
                <span className={`text-xs wrap-anywhere ${one.outcome === 'FAILED' ? 'text-bad' : 'text-soft'}`}>{one.detail ?? one.changes.join('; ')}</span>
              </li>
            ))}
          </ul>
        )}
        {preview.isError && <Failure error={preview.error} />}
        {apply.isError && <Failure error={apply.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{apply.data ? text.common.close : text.common.cancel}</Button>
          {!apply.data && (preview.data
            ? <Button key="apply" look="primary" type="submit" disabled={!changes || apply.isPending}>{text.common.apply}</Button>
            : <Button key="preview" look="primary" type="submit" disabled={yaml.trim() === '' || preview.isPending}>{text.common.preview}</Button>)}
        </div>
      </form>
    </Dialog>
  );
}
