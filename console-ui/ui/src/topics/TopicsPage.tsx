import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { bytes, groupDigits } from '../lib/format';
import { refreshByPages } from '../lib/refresh';
import { type Column, DataTable } from '../ui/DataTable';
import { Badge, Button, Card, Empty, Failure, fieldClass, Loading, PageHead, Warnings } from '../ui/parts';
import { ApplyManifests } from './ApplyManifests';
import { CreateTopic } from './CreateTopic';

type Row = Schema['TopicRow'];

export function TopicsPage() {
  const text = useText();
  const { cluster } = useParams({ from: '/$cluster' });
  const search = useSearch({ from: '/$cluster/topics' });
  const navigate = useNavigate({ from: '/$cluster/topics' });
  const queries = useQueryClient();
  const [creating, setCreating] = useState(false);
  const [applying, setApplying] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ['topics', cluster, search],
    queryFn: ({ pageParam }) =>
      call(api.GET('/api/v1/clusters/{clusterId}/topics', {
        params: { path: { clusterId: cluster }, query: { q: search.q ?? '', sort: search.sort ?? 'name', internal: search.internal ?? false, filter: search.filter ?? '', limit: 500, cursor: pageParam } },
      })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.page.next,
    refetchInterval: refreshByPages,
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const first = list.data?.pages[0];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const onEnd = useCallback(() => { if (hasNextPage && !isFetchingNextPage) void fetchNextPage(); }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const columns: Column<Row>[] = [
    { id: 'name', header: text.topics.name, sort: 'name', cell: (row) => <Link to="/$cluster/topics/$topic" params={{ cluster, topic: row.name }} className="inline-block min-w-24 font-medium wrap-anywhere hover:text-accent">{row.name}</Link> },
    { id: 'health', header: text.topics.health, sort: 'underReplicated', cell: (row) => row.offline > 0 ? <Badge tone="bad">{text.topics.offline(row.offline)}</Badge> : row.underReplicated > 0 ? <Badge tone="warn">{text.topics.under(row.underReplicated)}</Badge> : <Badge tone="good">{text.topics.ok}</Badge> },
    { id: 'partitions', header: text.topics.partitions, sort: 'partitions', numeric: true, cell: (row) => groupDigits(row.partitions) },
    { id: 'rf', header: text.topics.replication, sort: 'replicationFactor', numeric: true, secondary: true, cell: (row) => row.replicationFactor },
    { id: 'records', header: text.topics.records, sort: 'records', numeric: true, secondary: true, cell: (row) => groupDigits(row.records) },
    { id: 'rate', header: text.topics.rate, sort: 'rate', numeric: true, secondary: true, cell: (row) => <span className={row.appendRate > 0 ? '' : 'text-soft'}>{row.appendRate.toFixed(row.appendRate < 10 && row.appendRate > 0 ? 1 : 0)}{text.now.perSecond}</span> },
    { id: 'size', header: text.topics.size, sort: 'size', numeric: true, cell: (row) => bytes(row.sizeBytes) },
  ];
  return (
    <>
      <PageHead title={text.topics.title} sub={first && <span className="tabular-nums">{groupDigits(first.page.total)} · {text.common.asOf} {new Date(first.page.asOf).toLocaleTimeString()}</span>}>
        <input type="search" aria-label={text.common.search} placeholder={text.common.search} value={search.q ?? ''} className={fieldClass}
          onChange={(event) => void navigate({ search: (old) => ({ ...old, q: event.target.value || undefined }), replace: true })} />
        <label className="flex items-center gap-1.5 text-soft">
          <input type="checkbox" checked={search.internal ?? false} onChange={(event) => void navigate({ search: (old) => ({ ...old, internal: event.target.checked || undefined }), replace: true })} />
          {text.topics.internal}
        </label>
        <Button onClick={() => setApplying(true)}>{text.manifests.title}</Button>
        <Button look="primary" onClick={() => setCreating(true)}>{text.topics.create}</Button>
      </PageHead>
      <Warnings items={first?.warnings} />
      <Card flush>
        {list.isError && rows.length === 0 ? <Failure error={list.error} retry={() => void list.refetch()} />
          : list.isPending ? <Loading rows={8} />
          : rows.length === 0 ? (search.q ? <Empty title={`${text.topics.noMatch} “${search.q}”`} /> : <Empty title={text.topics.empty} hint={text.topics.emptyHint}><Button look="primary" onClick={() => setCreating(true)}>{text.topics.create}</Button></Empty>)
          : <DataTable label={text.topics.title} rows={rows} columns={columns} rowKey={(row) => row.name} sort={search.sort ?? 'name'} onEnd={onEnd}
              onSort={(sort) => void navigate({ search: (old) => ({ ...old, sort }), replace: true })}
              onOpen={(row) => void navigate({ to: '/$cluster/topics/$topic', params: { cluster, topic: row.name } })} />}
      </Card>
      {applying && <ApplyManifests cluster={cluster} onClose={() => setApplying(false)} onApplied={() => void queries.invalidateQueries({ queryKey: ['topics', cluster] })} />}
      <CreateTopic cluster={cluster} open={creating} onClose={() => setCreating(false)} onCreated={() => void queries.invalidateQueries({ queryKey: ['topics', cluster] })} />
    </>
  );
}
