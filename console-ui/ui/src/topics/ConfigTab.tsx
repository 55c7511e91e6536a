import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { ConfigEditor } from '../config/ConfigEditor';
import { useText } from '../i18n';
import { type Column, DataTable } from '../ui/DataTable';
import { Badge, Button, Card, Failure, fieldClass, Loading } from '../ui/parts';

type Item = Schema['ConfigItem'];

export function ConfigTab({ cluster, topic }: { cluster: string; topic: string }) {
  const text = useText();
  const path = { clusterId: cluster, topic };
  const [filter, setFilter] = useState('');
  const [mine, setMine] = useState(false);
  const [editing, setEditing] = useState<Item | null>(null);
  const configs = useQuery({ queryKey: ['configs', cluster, topic], refetchInterval: false, queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/topics/{topic}/configs', { params: { path } })) });
  const alter = (name: string, value: string | undefined) => call(api.POST('/api/v1/clusters/{clusterId}/topics/{topic}/configs:alter', { params: { path }, body: { changes: [{ name, value }] } }));
  const rows = (configs.data?.items ?? []).filter((item) => item.name.includes(filter) && (!mine || item.overridden));
  const columns: Column<Item>[] = [
    { id: 'k', header: text.topics.configKey, cell: (row) => <span className="inline-block min-w-36 font-mono text-[13px] wrap-anywhere">{row.name}</span> },
    { id: 'v', header: text.topics.configValue, cell: (row) => <span className="inline-block min-w-24 font-mono text-[13px] wrap-anywhere">{row.sensitive ? '••••••' : row.value}</span> },
    { id: 's', header: text.topics.configSource, secondary: true, cell: (row) => <Badge tone={row.overridden ? 'accent' : 'neutral'}>{row.source.replaceAll('_', ' ').toLowerCase()}</Badge> },
    { id: 'e', header: text.topics.edit, numeric: true, cell: (row) => row.readOnly ? null : <Button className="!h-7" aria-label={`${text.topics.edit} ${row.name}`} onClick={() => setEditing(row)}>{text.topics.edit}</Button> },
  ];
  return (
    <Card flush title={<input type="search" aria-label={text.common.search} placeholder={text.common.search} value={filter} onChange={(event) => setFilter(event.target.value)} className={`${fieldClass} font-normal`} />}
      actions={<label className="flex items-center gap-1.5 text-soft"><input type="checkbox" checked={mine} onChange={(event) => setMine(event.target.checked)} />{text.topics.onlyOverridden}</label>}>
      {configs.isError ? <Failure error={configs.error} retry={() => void configs.refetch()} /> : !configs.data ? <Loading /> : <DataTable label={text.topics.tabs.config} rows={rows} columns={columns} rowKey={(row) => row.name} />}
      {editing && <ConfigEditor key={editing.name} item={editing} alter={(value) => alter(editing.name, value)} onClose={() => setEditing(null)} onSaved={() => { setEditing(null); void configs.refetch(); }} />}
    </Card>
  );
}
