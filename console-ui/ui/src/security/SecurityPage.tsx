import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { type Column, DataTable } from '../ui/DataTable';
import { Badge, Card, Empty, Failure, fieldClass, Loading, PageHead } from '../ui/parts';

type Acl = Schema['Acl'];
type User = Schema['ScramUser'];
type Quota = Schema['Quota'];

interface SectionData<T> {
  state: 'READ' | 'OFF' | 'UNSUPPORTED' | 'DENIED';
  note?: string;
  items: T[];
  total: number;
}
interface SectionQuery<T> {
  data: SectionData<T> | undefined;
  isError: boolean;
  error: Error | null;
  refetch(): unknown;
}

/** What is there, or why nothing can be said: a cluster without an authorizer is no failure. */
function Part<T>({ title, query, empty, off, actions, children }: { title: string; query: SectionQuery<T>; empty: { title: string; hint: string }; off: string; actions?: ReactNode; children(items: T[]): ReactNode }) {
  const text = useText();
  const data = query.data;
  const without = { OFF: { title: text.security.off, hint: off }, UNSUPPORTED: { title: text.security.unsupported, hint: data?.note }, DENIED: { title: text.security.denied, hint: text.security.deniedHint } };
  return (
    <Card title={<>{title}{data?.state === 'READ' && data.total > 0 && <span className="ml-2 font-normal text-soft tabular-nums">{groupDigits(data.total)}</span>}</>} actions={data && data.items.length > 0 ? actions : undefined} flush>
      {query.isError && !data ? <Failure error={query.error!} retry={() => void query.refetch()} />
        : !data ? <Loading rows={2} />
        : data.state !== 'READ' ? <Empty title={without[data.state].title} hint={without[data.state].hint} />
        : data.items.length === 0 ? <Empty title={empty.title} hint={empty.hint} />
        : children(data.items)}
    </Card>
  );
}

/** Who may do what in the cluster, and how much. */
export function SecurityPage() {
  const text = useText();
  const { cluster } = useParams({ from: '/$cluster' });
  const params = { path: { clusterId: cluster } };
  const slowly = { refetchInterval: 15_000 };
  const acls = useQuery({ queryKey: ['acls', cluster], ...slowly, queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/acls', { params })) });
  const users = useQuery({ queryKey: ['users', cluster], ...slowly, queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/users', { params })) });
  const quotas = useQuery({ queryKey: ['quotas', cluster], ...slowly, queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/client-quotas', { params })) });
  const [filter, setFilter] = useState('');
  const words = text.security;
  const matches = (acl: Acl) => `${acl.principal} ${acl.operation} ${acl.resourceType} ${acl.resourceName} ${acl.host}`.toLowerCase().includes(filter.toLowerCase());
  const aclColumns: Column<Acl>[] = [
    { id: 'p', header: words.principal, cell: (row) => <span className="inline-block min-w-24 font-medium wrap-anywhere">{row.principal}</span> },
    { id: 'a', header: words.permission, cell: (row) => <Badge tone={row.permission === 'ALLOW' ? 'good' : 'bad'}>{row.permission.toLowerCase()}</Badge> },
    { id: 'o', header: words.operation, cell: (row) => row.operation.replaceAll('_', ' ').toLowerCase() },
    { id: 'r', header: words.resource, cell: (row) => <span className="inline-block min-w-24 wrap-anywhere"><span className="text-soft">{row.resourceType.replaceAll('_', ' ').toLowerCase()}</span> {row.resourceName}{row.patternType === 'PREFIXED' && <span className="text-soft">… ({words.prefix})</span>}</span> },
    { id: 'h', header: words.host, secondary: true, cell: (row) => row.host === '*' ? <span className="text-soft">{words.anyHost}</span> : row.host },
  ];
  const userColumns: Column<User>[] = [
    { id: 'n', header: words.user, cell: (row) => <span className="font-medium wrap-anywhere">{row.name}</span> },
    { id: 'm', header: words.mechanisms, cell: (row) => <span className="flex flex-wrap gap-1">{row.credentials.map((one) => <Badge key={one.mechanism}>{one.mechanism} · {groupDigits(one.iterations)}</Badge>)}</span> },
  ];
  const quotaColumns: Column<Quota>[] = [
    { id: 'e', header: words.entity, cell: (row) => <span className="flex flex-wrap gap-x-3 gap-y-1">{row.entity.map((one) => <span key={one.type}><span className="text-soft">{one.type}</span> {one.name ?? <em className="text-soft">{words.everybodyElse}</em>}</span>)}</span> },
    { id: 'l', header: words.limits, cell: (row) => <span className="flex flex-wrap gap-1">{Object.entries(row.limits).map(([name, limit]) => <Badge key={name}>{name} {groupDigits(Number.isInteger(limit) ? limit : limit.toFixed(2))}</Badge>)}</span> },
  ];
  return (
    <>
      <PageHead title={words.title} sub={<span>{words.sub}</span>} />
      <div className="flex flex-col gap-4">
        <Part<Acl> title={words.acls} query={acls} off={words.aclsOff} empty={{ title: words.noAcls, hint: words.noAclsHint }}
          actions={<input type="search" aria-label={words.filterAcls} placeholder={text.common.search} value={filter} onChange={(event) => setFilter(event.target.value)} className={fieldClass} />}>
          {(items) => <DataTable label={words.acls} rows={items.filter(matches)} columns={aclColumns} rowKey={(row) => Object.values(row).join('\u0000')} maxHeight="28rem" />}
        </Part>
        <div className="grid gap-4 lg:grid-cols-2">
          <Part<User> title={words.users} query={users} off={words.aclsOff} empty={{ title: words.noUsers, hint: words.noUsersHint }}>
            {(items) => <DataTable label={words.users} rows={items} columns={userColumns} rowKey={(row) => row.name} maxHeight="24rem" />}
          </Part>
          <Part<Quota> title={words.quotas} query={quotas} off={words.aclsOff} empty={{ title: words.noQuotas, hint: words.noQuotasHint }}>
            {(items) => <DataTable label={words.quotas} rows={items} columns={quotaColumns} rowKey={(row) => JSON.stringify(row.entity)} maxHeight="24rem" />}
          </Part>
        </div>
      </div>
    </>
  );
}
