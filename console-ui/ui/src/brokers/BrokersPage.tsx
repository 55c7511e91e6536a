import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api, call, type Schema } from '../api/client';
import { useState } from 'react';
import { useText } from '../i18n';
import { bytes, groupDigits } from '../lib/format';
import { BrokerDialog } from './BrokerDialog';
import { type Column, DataTable } from '../ui/DataTable';
import { Badge, Card, Failure, Loading, PageHead, Warnings } from '../ui/parts';

export function BrokersPage() {
  const text = useText();
  const { cluster } = useParams({ from: '/$cluster' });
  const path = { clusterId: cluster };
  const [opened, setOpened] = useState<number | null>(null);
  const brokers = useQuery({ queryKey: ['brokers', cluster], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/brokers', { params: { path } })) });
  const quorum = useQuery({ queryKey: ['quorum', cluster], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/quorum', { params: { path } })) });
  const columns: Column<Schema['BrokerRow']>[] = [
    { id: 'i', header: text.brokers.id, cell: (row) => <span className="flex flex-wrap items-center gap-1.5 font-medium"><button type="button" onClick={() => setOpened(row.id)} aria-label={`${text.brokers.id} ${row.id}: ${text.brokers.details}`} className="underline decoration-line underline-offset-4 hover:text-accent">{row.id}</button> {row.controller && <Badge tone="accent">{text.brokers.controller}</Badge>}</span> },
    { id: 's', header: text.brokers.state, cell: (row) => <Badge tone={row.online ? 'good' : 'bad'}>{row.online ? text.brokers.online : text.brokers.down}</Badge> },
    { id: 'a', header: text.brokers.address, secondary: true, cell: (row) => row.host ? <span className="font-mono text-[13px]">{row.host}:{row.port}</span> : '–' },
    { id: 'r', header: text.brokers.rack, secondary: true, cell: (row) => row.rack ?? <span className="text-soft">–</span> },
    { id: 'l', header: text.brokers.leaders, numeric: true, cell: (row) => groupDigits(row.leaders) },
    { id: 'n', header: text.brokers.replicas, numeric: true, secondary: true, cell: (row) => groupDigits(row.replicas) },
    { id: 'o', header: text.brokers.outOfSync, numeric: true, cell: (row) => <span className={row.outOfSync > 0 ? 'font-medium text-bad' : 'text-soft'}>{groupDigits(row.outOfSync)}</span> },
    { id: 'z', header: text.brokers.size, numeric: true, cell: (row) => bytes(row.sizeBytes) },
  ];
  const nodes: Column<Schema['QuorumNode']>[] = [
    { id: 'i', header: text.brokers.id, cell: (row) => <span className="font-medium">{row.id}</span> },
    { id: 'r', header: text.brokers.role, cell: (row) => <Badge tone={row.role === 'LEADER' ? 'accent' : 'neutral'}>{text.brokers.roles[row.role] ?? row.role}</Badge> },
    { id: 'e', header: text.brokers.end, numeric: true, cell: (row) => groupDigits(row.logEndOffset) },
    { id: 'l', header: text.brokers.lag, numeric: true, cell: (row) => groupDigits(row.lag) },
    { id: 'c', header: text.brokers.caughtUp, numeric: true, secondary: true, cell: (row) => row.lastCaughtUp ? new Date(row.lastCaughtUp).toLocaleTimeString() : '–' },
  ];
  return (
    <>
      <PageHead title={text.brokers.title} />
      <Warnings items={brokers.data?.warnings} />
      <div className="flex flex-col gap-4">
        <Card flush>
          {brokers.isError && !brokers.data ? <Failure error={brokers.error} retry={() => void brokers.refetch()} /> : !brokers.data ? <Loading rows={3} /> : <DataTable label={text.brokers.title} rows={brokers.data.items} columns={columns} rowKey={(row) => String(row.id)} onOpen={(row) => setOpened(row.id)} />}
        </Card>
        <Card title={text.brokers.quorum} flush actions={quorum.data && <span className="text-soft tabular-nums">{text.brokers.epoch} {quorum.data.leaderEpoch} · {text.brokers.hw} {groupDigits(quorum.data.highWatermark)}</span>}>
          {quorum.isError && !quorum.data ? <Failure error={quorum.error} retry={() => void quorum.refetch()} /> : !quorum.data ? <Loading rows={3} /> : <DataTable label={text.brokers.quorum} rows={quorum.data.nodes} columns={nodes} rowKey={(row) => `${row.role}/${row.id}`} />}
        </Card>
      </div>
      <BrokerDialog cluster={cluster} broker={opened} onClose={() => setOpened(null)} />
    </>
  );
}
