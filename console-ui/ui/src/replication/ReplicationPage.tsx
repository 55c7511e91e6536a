import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { refreshByPages } from '../lib/refresh';
import { type Column, DataTable } from '../ui/DataTable';
import { UnderMinIsr } from './UnderMinIsr';
import { Button, Card, Empty, Failure, fieldClass, Loading, PageHead, Warnings } from '../ui/parts';

type Row = Schema['ReplicationRow'];

/** Partition × broker: who leads, who follows, who has fallen behind. */
export function ReplicationPage() {
  const text = useText();
  const { cluster } = useParams({ from: '/$cluster' });
  const search = useSearch({ from: '/$cluster/replication' });
  const navigate = useNavigate({ from: '/$cluster/replication' });
  const path = { clusterId: cluster };
  const problems = search.filter === 'problems';
  const partitions = useInfiniteQuery({
    queryKey: ['partitions', cluster, search],
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/clusters/{clusterId}/partitions', { params: { path, query: { q: search.q ?? '', filter: search.filter ?? '', internal: search.internal ?? false, limit: 500, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.page.next,
    refetchInterval: refreshByPages,
  });
  const brokers = useQuery({ queryKey: ['brokers', cluster], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/brokers', { params: { path } })) });
  const elect = useMutation({
    mutationFn: () => call(api.POST('/api/v1/clusters/{clusterId}/partitions:elect-leader', { params: { path }, body: { type: 'PREFERRED' } })),
    onSuccess: () => void partitions.refetch(),
  });
  const cell = (row: Row, broker: number) => {
    const state = row.state;
    if (!state.replicas.includes(broker)) return <span className="text-line" title={text.replication.none}>·</span>;
    const leads = state.leader === broker;
    const synced = state.isr.includes(broker);
    const lag = state.replicaStates[String(broker)]?.offsetLag;
    const label = leads ? text.replication.leader : synced ? text.replication.inSync : lag === undefined ? text.replication.missing : `${text.replication.behind} ${groupDigits(lag)}`;
    return (
      <span title={`${row.topic}-${state.partition} · ${label}`} className={`inline-block min-w-14 rounded-md px-1 md:min-w-20 md:px-2 py-1 text-center text-xs font-medium ${leads ? 'bg-accent text-accent-ink' : synced ? 'bg-accent-wash text-accent' : 'bg-bad-wash text-bad'}`}>{label}</span>
    );
  };
  const columns: Column<Row>[] = [
    { id: 'p', header: text.groups.partition, cell: (row) => <Link to="/$cluster/topics/$topic" params={{ cluster, topic: row.topic }} search={{ tab: 'partitions' }} className="inline-block min-w-24 wrap-anywhere hover:text-accent">{row.topic}<span className="text-soft">-{row.state.partition}</span> <UnderMinIsr state={row.state} /></Link> },
    { id: 'e', header: text.topics.leaderEpoch, numeric: true, secondary: true, cell: (row) => <span className="text-soft">{row.state.leaderEpoch ?? '–'}</span> },
    ...(brokers.data?.items ?? []).map((broker): Column<Row> => ({ id: `b${broker.id}`, header: `${text.brokers.id} ${broker.id}${broker.online ? '' : ` (${text.brokers.down})`}`, cell: (row) => cell(row, broker.id) })),
  ];
  const rows = partitions.data?.pages.flatMap((page) => page.items) ?? [];
  const first = partitions.data?.pages[0];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = partitions;
  const onEnd = useCallback(() => { if (hasNextPage && !isFetchingNextPage) void fetchNextPage(); }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <>
      <PageHead title={text.replication.title} sub={<>{first && <span className="tabular-nums">{groupDigits(first.page.total)}</span>}<span>{text.replication.legend}</span></>}>
        <input type="search" aria-label={text.common.search} placeholder={text.common.search} value={search.q ?? ''} className={fieldClass} onChange={(event) => void navigate({ search: (old) => ({ ...old, q: event.target.value || undefined }), replace: true })} />
        <label className="flex items-center gap-1.5 text-soft"><input type="checkbox" checked={problems} onChange={(event) => void navigate({ search: (old) => ({ ...old, filter: event.target.checked ? 'problems' : undefined }), replace: true })} />{text.replication.problems}</label>
        <label className="flex items-center gap-1.5 text-soft"><input type="checkbox" checked={search.internal ?? false} onChange={(event) => void navigate({ search: (old) => ({ ...old, internal: event.target.checked || undefined }), replace: true })} />{text.topics.internal}</label>
        <Button onClick={() => elect.mutate()} disabled={elect.isPending}>{text.replication.elect}</Button>
      </PageHead>
      <Warnings items={first?.warnings} />
      {elect.isError && <Failure error={elect.error} />}
      {elect.data && <p role="status" className="mb-4 rounded-lg bg-good-wash px-4 py-2 text-good">{text.replication.elected(elect.data.items.filter((one) => one.done).length)}</p>}
      <Card flush>
        {partitions.isError && rows.length === 0 ? <Failure error={partitions.error} retry={() => void partitions.refetch()} /> : partitions.isPending ? <Loading rows={8} />
          : rows.length === 0 ? <Empty title={problems ? text.replication.allGood : text.replication.empty} />
          : <DataTable label={text.replication.title} rows={rows} columns={columns} rowKey={(row) => `${row.topic}/${row.state.partition}`} onEnd={onEnd} />}
      </Card>
    </>
  );
}
