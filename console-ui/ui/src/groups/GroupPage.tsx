import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { duration, groupDigits } from '../lib/format';
import { type Column, DataTable } from '../ui/DataTable';
import { Badge, Button, Card, Dialog, Empty, Failure, fieldClass, Labelled, Loading, PageHead, Warnings } from '../ui/parts';
import { ForgetDialog } from './ForgetDialog';
import { LagCard } from './LagCard';
import { MemberMatrix } from './MemberMatrix';
import { ResetDialog } from './ResetDialog';
import { StateBadge } from './StateBadge';

type Row = Schema['PartitionLag'];

export function GroupPage() {
  const text = useText();
  const { cluster, group } = useParams({ from: '/$cluster/groups/$group' });
  const navigate = useNavigate();
  const path = { clusterId: cluster, groupId: group };
  const [resetting, setResetting] = useState(false);
  const [forgetting, setForgetting] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [confirm, setConfirm] = useState('');
  const detail = useQuery({ queryKey: ['group', cluster, group], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}', { params: { path } })) });
  const remove = useMutation({
    mutationFn: () => call(api.DELETE('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}', { params: { path, query: { confirm } } })),
    onSuccess: () => void navigate({ to: '/$cluster/groups', params: { cluster } }),
  });
  if (detail.isError && !detail.data) return <Failure error={detail.error} retry={() => void detail.refetch()} />;
  if (!detail.data) return <Loading />;
  const { group: row, members, partitions } = detail.data;
  const committed = [...new Set(partitions.filter((one) => one.committed !== undefined).map((one) => one.topic))];
  const columns: Column<Row>[] = [
    { id: 't', header: text.nav.topics, cell: (one) => <Link to="/$cluster/topics/$topic" params={{ cluster, topic: one.topic }} className="inline-block min-w-24 wrap-anywhere hover:text-accent">{one.topic}</Link> },
    { id: 'p', header: text.groups.partition, numeric: true, cell: (one) => one.partition },
    { id: 'c', header: text.groups.committed, numeric: true, cell: (one) => groupDigits(one.committed) },
    { id: 'e', header: text.groups.end, numeric: true, secondary: true, cell: (one) => groupDigits(one.endOffset) },
    { id: 'l', header: text.groups.lag, numeric: true, cell: (one) => <b className={one.lag === '0' ? 'font-normal text-soft' : ''}>{groupDigits(one.lag)}</b> },
    { id: 's', header: text.groups.lagTime, numeric: true, cell: (one) => <span title={text.groups.basis[one.basis]}>{duration(one.lagSeconds, text.common.units)}{one.basis === 'RECORD_TIMESTAMP' && <span className="text-soft"> ~</span>}</span> },
    { id: 'm', header: text.groups.owner, secondary: true, cell: (one) => one.memberId ? <span title={one.memberId}>{one.clientId}</span> : <span className="text-soft">{text.groups.noOwner}</span> },
  ];
  return (
    <>
      <PageHead title={<><Link to="/$cluster/groups" params={{ cluster }} className="text-soft underline decoration-line underline-offset-4 hover:text-accent">{text.groups.title}</Link> <span className="text-soft">/</span> {group}</>}
        sub={<>
          <StateBadge state={row.state} /><Badge>{row.type}</Badge>
          <span>{text.groups.members} {row.members}</span><span>{text.groups.lag} <b className="text-ink">{groupDigits(row.lag)}</b></span>
          {row.lagSeconds !== undefined && <span>{duration(row.lagSeconds, text.common.units)}</span>}
          {detail.data.assignor && <span>{text.groups.assignor} {detail.data.assignor}</span>}
          {row.coordinator !== undefined && <span>{text.groups.coordinator} {row.coordinator}</span>}
        </>}>
        <Link to="/$cluster/rebalances" params={{ cluster }} search={{ group }} className="inline-flex h-8 items-center rounded-lg border bg-card px-3 font-medium hover:bg-sunken">{text.rebalances.title}</Link>
        <Button onClick={() => setResetting(true)}>{text.groups.reset}</Button>
        <Button look="danger" onClick={() => { setConfirm(''); remove.reset(); setDeleting(true); }}>{text.groups.delete}</Button>
      </PageHead>
      <Warnings items={detail.data.warnings} />
      <div className="flex flex-col gap-4">
        <Card title={text.groups.matrix}>
          {members.length === 0 ? <p className="text-soft">{text.groups.noMembers}</p> : <MemberMatrix members={members} partitions={partitions} />}
        </Card>
        <LagCard cluster={cluster} group={group} row={row} />
        <Card title={text.groups.offsets} flush actions={committed.length > 0 && <Button className="!h-7" onClick={() => setForgetting(true)}>{text.forget.title}</Button>}>
          {partitions.length === 0 ? <Empty title={text.groups.noOffsets} /> : <DataTable label={text.groups.offsets} rows={partitions} columns={columns} rowKey={(one) => `${one.topic}/${one.partition}`} />}
        </Card>
      </div>
      {resetting && <ResetDialog cluster={cluster} group={group} topics={committed} active={members.length > 0} onClose={() => { setResetting(false); void detail.refetch(); }} />}
      {forgetting && <ForgetDialog cluster={cluster} group={group} topics={committed} onClose={() => { setForgetting(false); void detail.refetch(); }} />}
      <Dialog title={text.groups.delete} open={deleting} onClose={() => setDeleting(false)}>
        <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); remove.mutate(); }}>
          <p className="text-soft">{text.groups.deleteHint}</p>
          <Labelled label={text.common.typeToConfirm(group)}><input autoFocus className={fieldClass} value={confirm} onChange={(event) => setConfirm(event.target.value)} /></Labelled>
          {remove.isError && <Failure error={remove.error} />}
          <div className="flex justify-end gap-2"><Button onClick={() => setDeleting(false)}>{text.common.cancel}</Button><Button look="danger" type="submit" disabled={confirm !== group || remove.isPending}>{text.groups.delete}</Button></div>
        </form>
      </Dialog>
    </>
  );
}
