import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { duration, groupDigits } from '../lib/format';
import { refreshByPages } from '../lib/refresh';
import { type Column, DataTable } from '../ui/DataTable';
import { Card, Empty, Failure, fieldClass, Loading, PageHead, Warnings } from '../ui/parts';
import { StateBadge } from './StateBadge';

type Row = Schema['GroupRow'];

export function GroupsPage() {
  const text = useText();
  const { cluster } = useParams({ from: '/$cluster' });
  const search = useSearch({ from: '/$cluster/groups' });
  const navigate = useNavigate({ from: '/$cluster/groups' });
  const list = useInfiniteQuery({
    queryKey: ['groups', cluster, search],
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/clusters/{clusterId}/consumer-groups', { params: { path: { clusterId: cluster }, query: { q: search.q ?? '', sort: search.sort ?? '-lag', limit: 500, cursor: pageParam } } })),
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
    { id: 'g', header: text.groups.group, sort: 'name', cell: (row) => <Link to="/$cluster/groups/$group" params={{ cluster, group: row.groupId }} className="inline-block min-w-24 font-medium wrap-anywhere hover:text-accent">{row.groupId}</Link> },
    { id: 's', header: text.groups.state, sort: 'state', cell: (row) => <StateBadge state={row.state} /> },
    { id: 'p', header: text.groups.protocol, secondary: true, cell: (row) => <span className="text-soft">{row.type}</span> },
    { id: 'm', header: text.groups.members, sort: 'members', numeric: true, cell: (row) => row.members },
    { id: 't', header: text.groups.topics, numeric: true, secondary: true, cell: (row) => row.topics },
    { id: 'l', header: text.groups.lag, sort: 'lag', numeric: true, cell: (row) => <span className={row.lag === '0' ? 'text-soft' : 'font-medium'}>{groupDigits(row.lag)}</span> },
    { id: 'x', header: text.groups.lagTime, sort: 'lagSeconds', numeric: true, cell: (row) => <span className={row.lagSeconds ? '' : 'text-soft'}>{duration(row.lagSeconds, text.common.units)}</span> },
    { id: 'd', header: text.groups.trend, numeric: true, secondary: true, cell: (row) => row.lagTrendPerSecond ? <span className={row.lagTrendPerSecond > 0 ? 'text-warn' : 'text-good'}>{row.lagTrendPerSecond > 0 ? '↑' : '↓'} {Math.abs(row.lagTrendPerSecond).toFixed(1)}{text.now.perSecond}</span> : <span className="text-soft">–</span> },
  ];
  return (
    <>
      <PageHead title={text.groups.title} sub={first && <span className="tabular-nums">{groupDigits(first.page.total)} · {text.common.asOf} {new Date(first.page.asOf).toLocaleTimeString()}</span>}>
        <input type="search" aria-label={text.common.search} placeholder={text.common.search} value={search.q ?? ''} className={fieldClass}
          onChange={(event) => void navigate({ search: (old) => ({ ...old, q: event.target.value || undefined }), replace: true })} />
      </PageHead>
      <Warnings items={first?.warnings} />
      <Card flush>
        {list.isError && rows.length === 0 ? <Failure error={list.error} retry={() => void list.refetch()} /> : list.isPending ? <Loading rows={8} />
          : rows.length === 0 ? (search.q ? <Empty title={`${text.groups.noMatch} “${search.q}”`} /> : <Empty title={text.groups.empty} hint={text.groups.emptyHint} />)
          : <DataTable label={text.groups.title} rows={rows} columns={columns} rowKey={(row) => row.groupId} sort={search.sort ?? '-lag'} onEnd={onEnd}
              onSort={(sort) => void navigate({ search: (old) => ({ ...old, sort }), replace: true })}
              onOpen={(row) => void navigate({ to: '/$cluster/groups/$group', params: { cluster, group: row.groupId } })} />}
      </Card>
    </>
  );
}
