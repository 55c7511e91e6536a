import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '../api/client';
import { useText } from '../i18n';
import { Button, Dialog, Failure, fieldClass, Labelled } from '../ui/parts';
import { parseConfigLines } from './configLines';

export function CreateTopic({ cluster, open, onClose, onCreated }: { cluster: string; open: boolean; onClose(): void; onCreated(): void }) {
  const text = useText();
  const [name, setName] = useState('');
  const [partitions, setPartitions] = useState('');
  const [replicas, setReplicas] = useState('');
  const [lines, setLines] = useState('');
  let configs: Record<string, string> = {};
  let wrongLine: string | undefined;
  try {
    configs = parseConfigLines(lines);
  } catch (wrong) {
    wrongLine = (wrong as Error).message;
  }
  const create = useMutation({
    mutationFn: () => call(api.POST('/api/v1/clusters/{clusterId}/topics', {
      params: { path: { clusterId: cluster } },
      body: { name, partitions: partitions ? Number(partitions) : undefined, replicationFactor: replicas ? Number(replicas) : undefined, configs },
    })),
    onSuccess: () => { setName(''); setLines(''); onCreated(); onClose(); },
  });
  return (
    <Dialog title={text.topics.create} open={open} onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); create.mutate(); }}>
        <Labelled label={text.topics.name}><input autoFocus required className={fieldClass} value={name} onChange={(event) => setName(event.target.value)} /></Labelled>
        <div className="grid grid-cols-2 gap-3">
          <Labelled label={text.topics.partitions}><input type="number" min={1} className={fieldClass} placeholder={text.topics.default} value={partitions} onChange={(event) => setPartitions(event.target.value)} /></Labelled>
          <Labelled label={text.topics.replication}><input type="number" min={1} className={fieldClass} placeholder={text.topics.default} value={replicas} onChange={(event) => setReplicas(event.target.value)} /></Labelled>
        </div>
        <Labelled label={text.topics.configs}><textarea rows={3} spellCheck={false} placeholder={'cleanup.policy=compact\nretention.ms=86400000'} aria-invalid={wrongLine !== undefined} className={`${fieldClass} !h-auto py-2 font-mono text-[13px]`} value={lines} onChange={(event) => setLines(event.target.value)} /></Labelled>
        {wrongLine !== undefined && <p className="-mt-2 text-bad wrap-anywhere">{text.topics.configWrong(wrongLine)}</p>}
        {create.isError && <Failure error={create.error} />}
        <div className="flex justify-end gap-2"><Button onClick={onClose}>{text.common.cancel}</Button><Button look="primary" type="submit" disabled={!name || wrongLine !== undefined || create.isPending}>{text.topics.create}</Button></div>
      </form>
    </Dialog>
  );
}
