import { useQuery } from '@tanstack/react-query';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { type Column, DataTable } from '../ui/DataTable';
import { Badge, Card, Failure, Loading } from '../ui/parts';

/** What the transaction coordinators know; a cluster without them says so. */
export function TransactionsCard({ cluster }: { cluster: string }) {
  const text = useText();
  const transactions = useQuery({ queryKey: ['transactions', cluster], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/transactions', { params: { path: { clusterId: cluster } } })) });
  const columns: Column<Schema['TransactionRow']>[] = [
    { id: 'i', header: text.transactions.id, cell: (row) => <span className="inline-block min-w-24 font-medium wrap-anywhere">{row.transactionalId}</span> },
    { id: 's', header: text.groups.state, cell: (row) => <Badge tone={row.state === 'Ongoing' ? 'accent' : row.state.startsWith('Prepare') ? 'warn' : 'neutral'}>{row.state}</Badge> },
    { id: 'p', header: text.producers.id, numeric: true, cell: (row) => row.producerId },
    { id: 'c', header: text.groups.coordinator, numeric: true, secondary: true, cell: (row) => row.coordinator },
  ];
  const data = transactions.data;
  return (
    <Card title={text.transactions.title} flush actions={data && data.items.length < data.total && <span className="text-soft">{text.producers.shown(groupDigits(data.items.length), groupDigits(data.total))}</span>}>
      {transactions.isError && !data ? <Failure error={transactions.error} retry={() => void transactions.refetch()} /> : !data ? <Loading rows={2} />
        : data.items.length > 0 ? <DataTable label={text.transactions.title} rows={data.items} columns={columns} rowKey={(row) => row.transactionalId} />
        : <p className="px-4 py-5 text-soft">{data.warnings.length > 0 ? data.warnings[0]!.code === 'KAFKA_UNSUPPORTED_VERSION' ? text.security.unsupported : text.warning(data.warnings[0]!) : text.transactions.empty}</p>}
    </Card>
  );
}
