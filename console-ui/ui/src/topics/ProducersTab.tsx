import { useQuery } from '@tanstack/react-query';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { type Column, DataTable } from '../ui/DataTable';
import { Badge, Card, Empty, Failure, Loading, Warnings } from '../ui/parts';

type Producer = Schema['ProducerRow'];

/** Who writes here, and whose transaction holds readers up. */
export function ProducersTab({ cluster, topic }: { cluster: string; topic: string }) {
  const text = useText();
  const words = text.producers;
  const producers = useQuery({ queryKey: ['producers', cluster, topic], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/topics/{topic}/producers', { params: { path: { clusterId: cluster, topic } } })) });
  const columns: Column<Producer>[] = [
    { id: 'p', header: text.records.partition, numeric: true, cell: (row) => row.partition },
    { id: 'id', header: words.id, numeric: true, cell: (row) => <span className="font-mono text-[13px]">{row.producerId}</span> },
    { id: 'epoch', header: words.epoch, numeric: true, secondary: true, cell: (row) => row.producerEpoch },
    { id: 'seq', header: words.sequence, numeric: true, cell: (row) => (row.lastSequence === undefined ? '–' : groupDigits(row.lastSequence)) },
    { id: 'time', header: words.time, secondary: true, cell: (row) => row.lastTimestamp === undefined ? '–' : <time className="whitespace-nowrap text-soft tabular-nums" dateTime={row.lastTimestamp}>{new Date(row.lastTimestamp).toLocaleString()}</time> },
    { id: 'open', header: words.open, cell: (row) => row.transactionStartOffset === undefined ? <span className="text-soft">{words.noneOpen}</span> : <Badge tone="warn">{words.since(groupDigits(row.transactionStartOffset))}</Badge> },
  ];
  if (producers.isError && !producers.data) return <Failure error={producers.error} retry={() => void producers.refetch()} />;
  if (!producers.data) return <Loading rows={3} />;
  const { items, total, warnings } = producers.data;
  return (
    <>
      <Warnings items={warnings} />
      <p className="mb-3 max-w-3xl text-soft">{words.explain}</p>
      <Card flush>
        {items.length === 0 ? <Empty title={words.empty} hint={words.emptyHint} /> : <DataTable label={text.topics.tabs.producers} rows={items} columns={columns} rowKey={(row) => `${row.partition}/${row.producerId}`} />}
        {items.length < total && <p className="border-t px-4 py-2 text-xs text-soft">{words.shown(groupDigits(items.length), groupDigits(total))}</p>}
      </Card>
    </>
  );
}
