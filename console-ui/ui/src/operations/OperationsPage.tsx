import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { type Column, DataTable } from '../ui/DataTable';
import { Button, Card, Empty, Failure, Loading, PageHead } from '../ui/parts';
import { LongWorkCard } from './LongWorkCard';
import { TransactionsCard } from './TransactionsCard';

function short(values: Record<string, unknown>): string {
  const text = Object.entries(values).map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', ');
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

export function OperationsPage() {
  const text = useText();
  const { cluster } = useParams({ from: '/$cluster' });
  const path = { clusterId: cluster };
  const moves = useQuery({ queryKey: ['reassignments', cluster], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/reassignments', { params: { path } })) });
  const audit = useQuery({ queryKey: ['audit', cluster, 500], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/audit-events', { params: { path, query: { limit: 500 } } })) });
  const cancel = useMutation({
    mutationFn: (one: { topic: string; partition: number }) => call(api.POST('/api/v1/clusters/{clusterId}/partitions:reassign', { params: { path }, body: { assignments: [{ topic: one.topic, partition: one.partition }] } })),
    onSettled: () => void moves.refetch(),
  });
  const moveColumns: Column<Schema['Reassignment']>[] = [
    { id: 'p', header: text.groups.partition, cell: (row) => `${row.topic}-${row.partition}` },
    { id: 'r', header: text.topics.replicas, cell: (row) => row.replicas.join(', ') },
    { id: 'a', header: text.operations.adding, cell: (row) => row.adding.join(', ') || '–' },
    { id: 'x', header: text.operations.removing, cell: (row) => row.removing.join(', ') || '–' },
    { id: 'c', header: text.operations.cancelMove, numeric: true, cell: (row) => <Button className="!h-7" disabled={cancel.isPending} aria-label={`${text.operations.cancelMove} ${row.topic}-${row.partition}`} onClick={() => cancel.mutate(row)}>{text.operations.cancelMove}</Button> },
  ];
  const auditColumns: Column<Schema['AuditEvent']>[] = [
    { id: 't', header: text.operations.when, cell: (row) => <time className="text-soft tabular-nums md:whitespace-nowrap" dateTime={row.time}>{new Date(row.time).toLocaleString()}</time> },
    { id: 'a', header: text.operations.what, cell: (row) => <span className="font-medium">{row.action}</span> },
    { id: 'r', header: text.operations.resource, cell: (row) => <span className="inline-block min-w-24 wrap-anywhere">{row.resource}</span> },
    { id: 'd', header: text.operations.change, secondary: true, cell: (row) => <span className="text-xs wrap-anywhere">{row.before && <span className="text-soft">{short(row.before)}</span>}{row.before && row.after && ' → '}{row.after && short(row.after)}</span> },
    { id: 'w', header: text.operations.who, secondary: true, cell: (row) => row.who },
  ];
  return (
    <>
      <PageHead title={text.operations.title} />
      <div className="flex flex-col gap-4">
        <LongWorkCard cluster={cluster} />
        <Card title={text.operations.reassignments} flush>
          {moves.isError && !moves.data ? <Failure error={moves.error} /> : !moves.data ? <Loading rows={2} /> : moves.data.items.length === 0 ? <p className="px-4 py-5 text-soft">{text.operations.reassignmentsEmpty}</p> : <DataTable label={text.operations.reassignments} rows={moves.data.items} columns={moveColumns} rowKey={(row) => `${row.topic}/${row.partition}`} />}
        </Card>
        {cancel.isError && <Failure error={cancel.error} />}
        <TransactionsCard cluster={cluster} />
        <Card title={text.operations.audit} flush>
          {audit.isError && !audit.data ? <Failure error={audit.error} /> : !audit.data ? <Loading rows={3} /> : audit.data.items.length === 0 ? <Empty title={text.operations.auditEmpty} /> : <DataTable label={text.operations.audit} rows={audit.data.items} columns={auditColumns} rowKey={(row) => row.sequence} />}
        </Card>
      </div>
    </>
  );
}
