import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import type { TopicSearch } from '../app/router';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { instant, localTime } from '../lib/time';
import { type Column, DataTable } from '../ui/DataTable';
import { Button, Card, Empty, Failure, fieldClass, Loading } from '../ui/parts';
import { bytesOf } from './payload';
import { ProduceDialog } from './ProduceDialog';
import { RecordDialog } from './RecordDialog';
import { type RecordItem, useRecords } from './useRecords';

function short(payload: RecordItem['value'], length: number): string {
  if (!payload) return '';
  const text = payload.encoding === 'text' ? payload.data : Array.from(bytesOf(payload).subarray(0, 48), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** Text, or what there is instead of it: nothing may look like nothing. */
function Shown({ payload, length }: { payload: NonNullable<RecordItem['value']>; length: number }) {
  const text = useText();
  if (payload.encoding === 'text' && payload.data.trim() === '') return <span className="font-sans text-soft italic">{payload.data === '' ? text.records.emptyText : text.records.blank(payload.sizeBytes)}</span>;
  return <>{payload.schema?.problem && <span className="mr-2 font-sans text-warn" title={payload.schema.problem}>⚠</span>}{short(payload, length)}</>;
}

function download(name: string, items: RecordItem[]) {
  const url = URL.createObjectURL(new Blob([items.map((item) => JSON.stringify(item)).join('\n')], { type: 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.ndjson`;
  link.click();
  URL.revokeObjectURL(url);
}

export function RecordsTab({ cluster, topic, partitions }: { cluster: string; topic: string; partitions: number }) {
  const text = useText();
  const search = useSearch({ from: '/$cluster/topics/$topic' });
  const navigate = useNavigate({ from: '/$cluster/topics/$topic' });
  const [live, setLive] = useState(false);
  const [opened, setOpened] = useState<RecordItem | null>(null);
  const [producing, setProducing] = useState(false);
  const current = search.cel ?? search.q ?? '';
  const [typed, setTyped] = useState(current);
  const [language, setLanguage] = useState<'text' | 'cel'>(search.cel === undefined ? 'text' : 'cel');
  useEffect(() => setTyped(current), [current]);
  const from = search.from ?? 'NEWEST';
  const ready = from === 'OFFSET' ? search.offset !== undefined : from === 'TIME' ? search.time !== undefined : true;
  const { state, restart, stop, more } = useRecords(cluster, topic, { from: ready ? from : 'NEWEST', partition: search.partition, offset: search.offset, time: search.time, until: search.until, q: search.q ?? '', cel: search.cel ?? '' }, live);
  const change = (next: Partial<TopicSearch>) => void navigate({ search: (old) => ({ ...old, ...next }), replace: true });
  const onEnd = useCallback(() => { if (!live) more(); }, [live, more]);
  const columns: Column<RecordItem>[] = [
    { id: 'p', header: text.records.partition, numeric: true, secondary: partitions === 1, cell: (row) => <span className="text-soft">{row.partition}</span> },
    { id: 'o', header: 'Offset', numeric: true, cell: (row) => groupDigits(row.offset) },
    { id: 't', header: text.records.timestamp, secondary: true, cell: (row) => <time className="whitespace-nowrap text-soft tabular-nums" dateTime={row.timestamp} title={`${row.timestamp} (${row.timestampType})`}>{new Date(row.timestamp).toLocaleString()}</time> },
    { id: 'k', header: text.records.key, cell: (row) => row.key ? <span className="font-mono text-[13px] whitespace-nowrap"><Shown payload={row.key} length={40} /></span> : <span className="text-soft">–</span> },
    { id: 'v', header: text.records.value, cell: (row) => (
      <button type="button" onClick={() => setOpened(row)} className="block max-w-[55vw] truncate text-left font-mono text-[13px] hover:text-accent md:max-w-[32vw] xl:max-w-[38vw] 2xl:max-w-2xl">
        {row.value ? <Shown payload={row.value} length={300} /> : <span className="font-sans text-soft italic">{text.records.tombstone}</span>}
      </button>
    ) },
    { id: 'h', header: text.records.headers, numeric: true, secondary: true, cell: (row) => row.headers.length || <span className="text-soft">–</span> },
  ];
  return (
    <>
      <form className="mb-3 flex flex-wrap items-center gap-2" onSubmit={(event) => { event.preventDefault(); change(language === 'cel' ? { q: undefined, cel: typed || undefined } : { q: typed || undefined, cel: undefined }); if (current === typed) restart(); }}>
        <select aria-label={text.records.from} className={fieldClass} value={from} disabled={live} onChange={(event) => change({ from: event.target.value as TopicSearch['from'], offset: undefined, time: undefined, until: undefined })}>
          <option value="NEWEST">{text.records.newest}</option><option value="OLDEST">{text.records.oldest}</option><option value="OFFSET">{text.records.offset}</option><option value="TIME">{text.records.time}</option>
        </select>
        {from === 'OFFSET' && <input type="number" min={0} aria-label={text.records.offset} className={`${fieldClass} w-32`} value={search.offset ?? ''} onChange={(event) => change({ offset: event.target.value || undefined })} />}
        {from === 'TIME' && <input type="datetime-local" step={1} aria-label={text.records.time} className={fieldClass} value={localTime(search.time)} onChange={(event) => change({ time: instant(event.target.value) })} />}
        {(from === 'TIME' || from === 'NEWEST') && !live && <label className="flex items-center gap-1.5 text-soft">{text.records.until}<input type="datetime-local" step={1} className={`${fieldClass} text-ink`} value={localTime(search.until)} onChange={(event) => change({ until: instant(event.target.value) })} /></label>}
        <select aria-label={text.records.partition} className={fieldClass} value={search.partition ?? ''} onChange={(event) => change({ partition: event.target.value === '' ? undefined : Number(event.target.value) })}>
          <option value="">{text.records.allPartitions}</option>
          {Array.from({ length: partitions }, (_, one) => <option key={one} value={one}>{text.records.partition} {one}</option>)}
        </select>
        <select aria-label={text.records.filterBy} className={fieldClass} value={language} onChange={(event) => setLanguage(event.target.value as 'text' | 'cel')}>
          <option value="text">{text.records.text}</option><option value="cel">CEL</option>
        </select>
        <input type="search" aria-label={text.records.filter} placeholder={language === 'cel' ? "json.total > 100 && headers['trace'] == 'abc'" : text.records.filter} className={`${fieldClass} min-w-48 flex-1 ${language === 'cel' ? 'font-mono text-[13px]' : ''}`} value={typed} onChange={(event) => setTyped(event.target.value)} />
        {state.running && !live ? <Button onClick={stop}>{text.records.stop}</Button> : <Button type="submit" disabled={live}>{text.records.go}</Button>}
        <Button onClick={() => setLive(!live)} aria-pressed={live} look={live ? 'primary' : 'plain'}><span aria-hidden="true" className={live ? 'animate-pulse' : ''}>●</span> {text.records.tail}</Button>
        <Button onClick={() => download(topic, state.items)} disabled={state.items.length === 0}>{text.records.export}</Button>
        <Button look="primary" onClick={() => setProducing(true)}>{text.records.produce}</Button>
      </form>
      <Card flush>
        {state.error && <Failure error={state.error} retry={restart} />}
        {state.items.length > 0 ? <DataTable label={text.topics.tabs.records} rows={state.items} columns={columns} rowKey={(row) => `${row.partition}@${row.offset}`} onEnd={onEnd} onOpen={(row) => setOpened(row)} maxHeight="calc(100dvh - 20rem)" />
          : live ? <Empty title={text.records.waiting} /> : state.running ? <Loading rows={8} /> : state.error ? null : current ? <Empty title={text.records.noMatch} /> : <Empty title={text.records.empty} hint={text.records.emptyHint}><Button look="primary" onClick={() => setProducing(true)}>{text.records.produce}</Button></Empty>}
        <div role="status" className="flex flex-wrap gap-x-4 border-t px-4 py-2 text-xs text-soft tabular-nums">
          <span>{text.records.matches(groupDigits(state.items.length))}</span>
          <span>{text.records.scanned(groupDigits(state.scanned))}</span>
          {!live && <span>{state.next ? text.records.remaining(groupDigits(state.remaining)) : state.running ? '' : text.records.complete}</span>}
          {state.skipped > 0 && <span>{text.records.skipped(groupDigits(state.skipped))}</span>}
        </div>
      </Card>
      <RecordDialog cluster={cluster} topic={topic} record={opened} onClose={() => setOpened(null)} />
      <ProduceDialog cluster={cluster} topic={topic} partitions={partitions} open={producing} onClose={() => setProducing(false)} onProduced={() => { if (!live) restart(); }} />
    </>
  );
}
