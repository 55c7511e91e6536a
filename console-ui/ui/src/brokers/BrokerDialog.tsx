import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { ConfigEditor } from '../config/ConfigEditor';
import { useText } from '../i18n';
import { bytes } from '../lib/format';
import { type Column, DataTable } from '../ui/DataTable';
import { Badge, Button, Dialog, Failure, fieldClass, Loading } from '../ui/parts';

type Item = Schema['ConfigItem'];

/** One broker's log directories and configuration; what it may change while it runs can be set here. */
export function BrokerDialog({ cluster, broker, onClose }: { cluster: string; broker: number | null; onClose(): void }) {
  const text = useText();
  const [filter, setFilter] = useState('');
  const [editing, setEditing] = useState<Item | null>(null);
  const params = { path: { clusterId: cluster, brokerId: broker ?? 0 } };
  const enabled = broker !== null;
  const dirs = useQuery({ queryKey: ['log-dirs', cluster, broker], enabled, refetchInterval: false, queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/brokers/{brokerId}/log-dirs', { params })) });
  const configs = useQuery({ queryKey: ['broker-configs', cluster, broker], enabled, refetchInterval: false, queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/brokers/{brokerId}/configs', { params })) });
  const alter = (name: string, value: string | undefined) => call(api.POST('/api/v1/clusters/{clusterId}/brokers/{brokerId}/configs:alter', { params, body: { changes: [{ name, value }] } }));
  const columns: Column<Item>[] = [
    { id: 'k', header: text.topics.configKey, cell: (row) => <span className="inline-block min-w-36 font-mono text-[13px] wrap-anywhere" title={row.documentation?.replace(/<[^>]*>/g, '')}>{row.name}</span> },
    { id: 'v', header: text.topics.configValue, cell: (row) => <span className="inline-block min-w-24 font-mono text-[13px] wrap-anywhere">{row.sensitive ? '••••••' : row.value}</span> },
    { id: 's', header: text.topics.configSource, secondary: true, cell: (row) => <Badge tone={row.source === 'DEFAULT_CONFIG' ? 'neutral' : 'accent'}>{row.source.replaceAll('_', ' ').toLowerCase()}</Badge> },
    { id: 'e', header: text.topics.edit, numeric: true, cell: (row) => row.readOnly ? null : <Button className="!h-7" aria-label={`${text.topics.edit} ${row.name}`} onClick={() => setEditing(row)}>{text.topics.edit}</Button> },
  ];
  return (
    <Dialog wide title={`${text.brokers.id} ${broker ?? ''}`} open={enabled} onClose={onClose}>
      <h3 className="mb-1 font-medium">{text.topics.logDir}</h3>
      {dirs.isError ? <Failure error={dirs.error} /> : !dirs.data ? <Loading rows={1} /> : (
        <ul className="mb-4">
          {dirs.data.items.map((dir) => (
            <li key={dir.path} className="flex flex-wrap justify-between gap-x-4 border-b border-line/60 py-1.5 last:border-0">
              <span className="font-mono text-[13px] wrap-anywhere">{dir.path}</span>
              {dir.error ? <Badge tone="bad">{dir.error}</Badge> : <span className="text-soft tabular-nums">{text.brokers.diskFree(dir.usableBytes === undefined ? '–' : bytes(dir.usableBytes), dir.totalBytes === undefined ? '–' : bytes(dir.totalBytes))}</span>}
            </li>
          ))}
        </ul>
      )}
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-medium">{text.brokers.config}</h3>
        <input type="search" aria-label={text.common.search} placeholder={text.common.search} value={filter} onChange={(event) => setFilter(event.target.value)} className={fieldClass} />
      </div>
      {configs.isError ? <Failure error={configs.error} /> : !configs.data ? <Loading rows={6} /> : <DataTable label={text.brokers.config} rows={configs.data.items.filter((item) => item.name.includes(filter))} columns={columns} rowKey={(row) => row.name} maxHeight="50dvh" />}
      {editing && <ConfigEditor key={editing.name} item={editing} alter={(value) => alter(editing.name, value)} onClose={() => setEditing(null)} onSaved={() => { setEditing(null); void configs.refetch(); }} />}
    </Dialog>
  );
}
