import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { bytes, groupDigits } from '../lib/format';
import { Badge, Button, Dialog, Failure } from '../ui/parts';
import { bytesOf, hexDump, indentJson, numbersIn } from './payload';
import type { RecordItem } from './useRecords';

type View = 'json' | 'text' | 'hex' | 'numbers';

function PayloadView({ label, payload, absent, raw }: { label: string; payload: Schema['Payload'] | undefined; absent: string; raw(): void }) {
  const text = useText();
  const json = payload?.encoding === 'text' ? indentJson(payload.data) : undefined;
  // Bytes may be UTF-8 by chance: whoever writes text writes no zeros.
  const natural: View = json !== undefined ? 'json' : payload?.encoding === 'text' && !payload.data.includes('\0') ? 'text' : 'hex';
  const [chosen, setChosen] = useState<View | null>(null);
  useEffect(() => setChosen(null), [payload]);
  if (!payload) return <section><h3 className="mb-1 text-xs font-medium text-soft">{label}</h3><p className="text-soft italic">{absent}</p></section>;
  const view = chosen ?? natural;
  const numbers = payload.truncated || payload.schema ? [] : numbersIn(bytesOf(payload));
  const available: Record<View, boolean> = { json: json !== undefined, text: true, hex: !payload.schema || payload.schema.problem !== undefined, numbers: numbers.length > 0 };
  const shown = view === 'hex' ? hexDump(bytesOf(payload)) : view === 'json' && json !== undefined ? json : payload.encoding === 'text' ? payload.data : new TextDecoder().decode(bytesOf(payload));
  return (
    <section className="min-w-0">
      <div className="mb-1 flex items-center justify-between">
        <h3 className="text-xs font-medium text-soft">{label} · {bytes(payload.sizeBytes)}{payload.truncated && ` · ${text.records.truncated}`}</h3>
        <div className="flex gap-1">
          {(['json', 'text', 'hex', 'numbers'] as const).filter((one) => available[one]).map((one) => (
            <button key={one} type="button" aria-pressed={view === one} onClick={() => setChosen(one)} className={`rounded-md px-2 py-0.5 text-xs ${view === one ? 'bg-accent-wash font-medium text-accent' : 'text-soft hover:bg-sunken'}`}>{text.records[one]}</button>
          ))}
        </div>
      </div>
      {payload.schema && (
        <p className="mb-1 flex flex-wrap items-center gap-2">
          <Badge tone={payload.schema.problem ? 'warn' : 'accent'}>{payload.schema.type ? text.records.decodedBy(payload.schema.type, payload.schema.id) : text.records.notDecoded(payload.schema.id)}</Badge>
          {payload.schema.name && <code className="text-xs wrap-anywhere">{payload.schema.name}</code>}
          {payload.schema.problem ? <span className="text-warn wrap-anywhere">{payload.schema.problem}</span> : <Button className="!h-6 text-xs" onClick={raw}>{text.records.raw}</Button>}
        </p>
      )}
      {view === 'numbers' ? (
        <>
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 rounded-lg bg-sunken p-3 font-mono text-[13px]">
            {numbers.map(([type, value]) => <div key={type} className="contents"><dt className="text-soft">{type}</dt><dd className="break-all">{value}</dd></div>)}
          </dl>
          <p className="mt-1 text-xs text-soft">{text.records.numbersHint}</p>
        </>
      ) : <pre tabIndex={0} className="max-h-80 overflow-auto rounded-lg bg-sunken p-3 font-mono text-[13px] break-words whitespace-pre-wrap">{shown.slice(0, 500_000)}</pre>}
    </section>
  );
}

export function RecordDialog({ cluster, topic, record, onClose }: { cluster: string; topic: string; record: RecordItem | null; onClose(): void }) {
  const text = useText();
  const [whole, setWhole] = useState<RecordItem | null>(null);
  useEffect(() => setWhole(null), [record]);
  const load = useMutation({
    mutationFn: ({ one, decode }: { one: RecordItem; decode: boolean }) => call(api.GET('/api/v1/clusters/{clusterId}/topics/{topic}/partitions/{partition}/records/{offset}', { params: { path: { clusterId: cluster, topic, partition: one.partition, offset: one.offset }, query: { decode } } })),
    onSuccess: setWhole,
  });
  const shown = whole ?? record;
  return (
    <Dialog wide title={shown ? `${topic} ${shown.partition}@${shown.offset}` : ''} open={record !== null} onClose={onClose}>
      {shown && (
        <div className="flex flex-col gap-4">
          <p className="flex flex-wrap items-center justify-between gap-2 text-soft">
            <span><time dateTime={shown.timestamp}>{new Date(shown.timestamp).toLocaleString()}</time> · {shown.timestampType} · offset {groupDigits(shown.offset)}</span>
            <span className="flex gap-2">
              {(shown.value?.truncated || shown.key?.truncated) && <Button onClick={() => load.mutate({ one: shown, decode: true })} disabled={load.isPending}>{text.records.full}</Button>}
              <Button onClick={() => void navigator.clipboard.writeText(`${location.origin}${location.pathname}?tab=records&from=OFFSET&partition=${shown.partition}&offset=%22${shown.offset}%22`)}>{text.records.copyLink}</Button>
            </span>
          </p>
          {load.isError && <Failure error={load.error} />}
          <PayloadView label={text.records.key} payload={shown.key} absent={text.records.noKey} raw={() => load.mutate({ one: shown, decode: false })} />
          <PayloadView label={text.records.value} payload={shown.value} absent={text.records.tombstone} raw={() => load.mutate({ one: shown, decode: false })} />
          {shown.headers.length > 0 && (
            <section>
              <h3 className="mb-1 text-xs font-medium text-soft">{text.records.headers}</h3>
              <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 rounded-lg bg-sunken p-3 font-mono text-[13px]">
                {shown.headers.map((header, index) => (
                  <div key={index} className="contents"><dt className="text-soft">{header.name}</dt><dd className="break-all">{header.value?.encoding === 'base64' ? `base64:${header.value.data}` : header.value?.data}</dd></div>
                ))}
              </dl>
            </section>
          )}
        </div>
      )}
    </Dialog>
  );
}
