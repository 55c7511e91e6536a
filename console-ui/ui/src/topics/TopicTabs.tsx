import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { bytes, duration, groupDigits } from '../lib/format';
import { type Column, DataTable } from '../ui/DataTable';
import { UnderMinIsr } from '../replication/UnderMinIsr';
import { Badge, Card, Empty, Failure, Loading } from '../ui/parts';

type Partition = Schema['PartitionState'];

export function PartitionsTab({ partitions }: { partitions: Partition[] }) {
  const text = useText();
  const columns: Column<Partition>[] = [
    { id: 'p', header: text.records.partition, numeric: true, cell: (row) => row.partition },
    { id: 'leader', header: text.topics.leader, cell: (row) => row.leader === undefined ? <Badge tone="bad">{text.topics.noLeader}</Badge> : row.leader },
    { id: 'epoch', header: text.topics.leaderEpoch, numeric: true, secondary: true, cell: (row) => row.leaderEpoch ?? '–' },
    { id: 'replicas', header: text.topics.replicas, cell: (row) => (
      <span className="flex gap-1">{row.replicas.map((id) => <Badge key={id} tone={id === row.leader ? 'accent' : row.isr.includes(id) ? 'good' : 'bad'}>{id}</Badge>)}</span>
    ) },
    { id: 'isr', header: text.topics.isr, numeric: true, secondary: true, cell: (row) => <>{row.isr.length} {text.common.of} {row.replicas.length} <UnderMinIsr state={row} /></> },
    { id: 'begin', header: text.topics.begin, numeric: true, secondary: true, cell: (row) => groupDigits(row.beginningOffset) },
    { id: 'end', header: text.topics.end, numeric: true, cell: (row) => groupDigits(row.endOffset) },
  ];
  return <Card flush><DataTable label={text.topics.tabs.partitions} rows={partitions} columns={columns} rowKey={(row) => String(row.partition)} /></Card>;
}

export function StorageTab({ partitions }: { partitions: Partition[] }) {
  const text = useText();
  const rows = partitions.flatMap((partition) =>
    partition.replicas.map((broker) => ({ partition: partition.partition, broker, leader: partition.leader === broker, state: partition.replicaStates[String(broker)] })),
  );
  const columns: Column<(typeof rows)[number]>[] = [
    { id: 'p', header: text.records.partition, numeric: true, cell: (row) => row.partition },
    { id: 'b', header: text.topics.broker, cell: (row) => <>{row.broker} {row.leader && <Badge tone="accent">{text.topics.leader}</Badge>}</> },
    { id: 'dir', header: text.topics.logDir, secondary: true, cell: (row) => <span className="font-mono text-xs">{row.state?.logDir ?? '–'}</span> },
    { id: 'lag', header: text.topics.lag, numeric: true, cell: (row) => groupDigits(row.state?.offsetLag) },
    { id: 'size', header: text.topics.size, numeric: true, cell: (row) => bytes(row.state?.sizeBytes) },
  ];
  return <Card flush><DataTable label={text.topics.tabs.storage} rows={rows} columns={columns} rowKey={(row) => `${row.partition}/${row.broker}`} /></Card>;
}

export function GroupsTab({ cluster, topic }: { cluster: string; topic: string }) {
  const text = useText();
  const groups = useQuery({ queryKey: ['groups', cluster, 'topic', topic], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/consumer-groups', { params: { path: { clusterId: cluster }, query: { topic, limit: 1000 } } })) });
  const columns: Column<Schema['GroupRow']>[] = [
    { id: 'g', header: text.groups.group, cell: (row) => <Link to="/$cluster/groups/$group" params={{ cluster, group: row.groupId }} className="font-medium hover:text-accent">{row.groupId}</Link> },
    { id: 's', header: text.groups.state, cell: (row) => <Badge tone={row.state === 'Stable' ? 'good' : 'neutral'}>{row.state}</Badge> },
    { id: 'm', header: text.groups.members, numeric: true, cell: (row) => row.members },
    { id: 'l', header: text.groups.lag, numeric: true, cell: (row) => groupDigits(row.lag) },
    { id: 't', header: text.groups.lagTime, numeric: true, cell: (row) => duration(row.lagSeconds, text.common.units) },
  ];
  return (
    <Card flush>
      {groups.isError ? <Failure error={groups.error} /> : !groups.data ? <Loading rows={3} /> : groups.data.items.length === 0 ? <Empty title={text.topics.groupsEmpty} />
        : <DataTable label={text.groups.title} rows={groups.data.items} columns={columns} rowKey={(row) => row.groupId} />}
    </Card>
  );
}
