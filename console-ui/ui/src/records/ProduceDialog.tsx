import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call } from '../api/client';
import { useText } from '../i18n';
import { Button, Dialog, Failure, fieldClass, Labelled } from '../ui/parts';

export function ProduceDialog({ cluster, topic, partitions, open, onClose, onProduced }: { cluster: string; topic: string; partitions: number; open: boolean; onClose(): void; onProduced(): void }) {
  const text = useText();
  const [key, setKey] = useState('');
  const [value, setValue] = useState('');
  const [tombstone, setTombstone] = useState(false);
  const [partition, setPartition] = useState('');
  const [headers, setHeaders] = useState<{ name: string; value: string }[]>([]);
  const send = useMutation({
    mutationFn: () => call(api.POST('/api/v1/clusters/{clusterId}/topics/{topic}/records', {
      params: { path: { clusterId: cluster, topic } },
      body: { key: key === '' ? undefined : key, value: tombstone ? undefined : value, partition: partition === '' ? undefined : Number(partition), headers: headers.filter((header) => header.name) },
    })),
    onSuccess: onProduced,
  });
  return (
    <Dialog title={`${text.records.produce}: ${topic}`} open={open} onClose={() => { send.reset(); onClose(); }}>
      <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); send.mutate(); }}>
        <div className="grid grid-cols-2 gap-3">
          <Labelled label={text.records.key}><input className={`${fieldClass} font-mono`} value={key} onChange={(event) => setKey(event.target.value)} /></Labelled>
          <Labelled label={text.records.partition}>
            <select className={fieldClass} value={partition} onChange={(event) => setPartition(event.target.value)}>
              <option value="">–</option>
              {Array.from({ length: partitions }, (_, one) => <option key={one}>{one}</option>)}
            </select>
          </Labelled>
        </div>
        <Labelled label={text.records.value}><textarea rows={6} disabled={tombstone} className="rounded-lg border bg-card p-2.5 font-mono text-[13px]" value={value} onChange={(event) => setValue(event.target.value)} /></Labelled>
        <label className="flex items-center gap-2"><input type="checkbox" checked={tombstone} onChange={(event) => setTombstone(event.target.checked)} />{text.records.noValue}</label>
        {headers.map((header, index) => (
          <div key={index} className="grid grid-cols-2 gap-3">
            <input aria-label={text.records.headerName} placeholder={text.records.headerName} className={fieldClass} value={header.name} onChange={(event) => setHeaders(headers.map((old, at) => (at === index ? { ...old, name: event.target.value } : old)))} />
            <input aria-label={text.records.headerValue} placeholder={text.records.headerValue} className={fieldClass} value={header.value} onChange={(event) => setHeaders(headers.map((old, at) => (at === index ? { ...old, value: event.target.value } : old)))} />
          </div>
        ))}
        {send.isError && <Failure error={send.error} />}
        {send.data && <p role="status" className="rounded-lg bg-good-wash px-3 py-2 text-good">{text.records.produced(send.data.partition, send.data.offset)}</p>}
        <div className="flex justify-between gap-2"><Button onClick={() => setHeaders([...headers, { name: '', value: '' }])}>{text.records.addHeader}</Button><Button look="primary" type="submit" disabled={send.isPending}>{text.records.send}</Button></div>
      </form>
    </Dialog>
  );
}
