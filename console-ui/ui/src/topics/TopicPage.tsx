import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, ApiProblem, call } from '../api/client';
import { topicTabs } from '../app/router';
import { useText } from '../i18n';
import { bytes, groupDigits } from '../lib/format';
import { RecordsTab } from '../records/RecordsTab';
import { Badge, Button, Card, Empty, Failure, Loading, PageHead, Warnings } from '../ui/parts';
import { MoveDialog } from '../replication/MoveDialog';
import { AcksTab } from '../acks/AcksTab';
import { ConfigTab } from './ConfigTab';
import { ProducersTab } from './ProducersTab';
import { GroupsTab, PartitionsTab, StorageTab } from './TopicTabs';
import { CloneTopic } from './CloneTopic';
import { PurgeTopic } from './PurgeTopic';
import { DeleteTopic, GrowTopic } from './TopicActions';

export function TopicPage() {
  const text = useText();
  const { cluster, topic } = useParams({ from: '/$cluster/topics/$topic' });
  const { tab = 'records' } = useSearch({ from: '/$cluster/topics/$topic' });
  const navigate = useNavigate();
  const [action, setAction] = useState<'grow' | 'move' | 'clone' | 'purge' | 'delete' | null>(null);
  const detail = useQuery({ queryKey: ['topic', cluster, topic], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/topics/{topic}', { params: { path: { clusterId: cluster, topic } } })) });
  const tabs = useRef<HTMLElement>(null);
  const loaded = detail.data !== undefined;
  useEffect(() => {
    tabs.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [tab, loaded]);
  if (detail.isError && !detail.data) {
    if (!(detail.error instanceof ApiProblem) || detail.error.code !== 'UNKNOWN_TOPIC') return <Failure error={detail.error} retry={() => void detail.refetch()} />;
    return (
      <>
        <PageHead title={topic} />
        <Card><Empty title={detail.error.message} hint={text.topics.gone}><Link to="/$cluster/topics" params={{ cluster }} className="text-accent hover:underline">{text.topics.all}</Link></Empty></Card>
      </>
    );
  }
  if (!detail.data) return <Loading />;
  const row = detail.data.topic;
  const close = () => { setAction(null); void detail.refetch(); };
  return (
    <>
      <PageHead title={<><Link to="/$cluster/topics" params={{ cluster }} className="text-soft underline decoration-line underline-offset-4 hover:text-accent">{text.topics.title}</Link> <span className="text-soft">/</span> {topic}</>}
        sub={<>
          {row.offline > 0 ? <Badge tone="bad">{text.topics.offline(row.offline)}</Badge> : row.underReplicated > 0 ? <Badge tone="warn">{text.topics.under(row.underReplicated)}</Badge> : <Badge tone="good">{text.topics.ok}</Badge>}
          <span>{text.topics.partitions} {row.partitions}</span><span>{text.topics.replication} {row.replicationFactor}</span><span>{text.topics.records} {groupDigits(row.records)}</span><span>{bytes(row.sizeBytes)}</span>
        </>}>
        <Button onClick={() => setAction('grow')}>{text.topics.grow}</Button>
        <Button onClick={() => setAction('move')}>{text.move.title}</Button>
        <Button onClick={() => setAction('clone')}>{text.clone.title}</Button>
        <Button onClick={() => setAction('purge')}>{text.topics.purge}</Button>
        <Button look="danger" onClick={() => setAction('delete')}>{text.topics.delete}</Button>
      </PageHead>
      <Warnings items={detail.data.warnings} />
      <nav ref={tabs} aria-label={topic} className="mb-4 flex gap-1 overflow-x-auto border-b">
        {topicTabs.map((one) => (
          <Link key={one} to="/$cluster/topics/$topic" params={{ cluster, topic }} search={{ tab: one }} aria-current={one === tab ? 'page' : undefined}
            className={`-mb-px border-b-2 px-3 py-2 whitespace-nowrap ${one === tab ? '!border-accent font-medium text-accent' : '!border-transparent text-soft hover:text-ink'}`}>{text.topics.tabs[one]}</Link>
        ))}
      </nav>
      {tab === 'records' && <RecordsTab key={topic} cluster={cluster} topic={topic} partitions={row.partitions} />}
      {tab === 'partitions' && <PartitionsTab partitions={detail.data.partitions} />}
      {tab === 'groups' && <GroupsTab cluster={cluster} topic={topic} />}
      {tab === 'config' && <ConfigTab cluster={cluster} topic={topic} />}
      {tab === 'producers' && <ProducersTab cluster={cluster} topic={topic} />}
      {tab === 'acks' && <AcksTab key={topic} cluster={cluster} topic={topic} replicas={row.replicationFactor} />}
      {tab === 'storage' && <StorageTab partitions={detail.data.partitions} />}
      <GrowTopic cluster={cluster} topic={topic} now={row.partitions} open={action === 'grow'} onClose={close} />
      {action === 'move' && <MoveDialog cluster={cluster} topic={topic} partitions={detail.data.partitions} onClose={close} onStarted={() => void navigate({ to: '/$cluster/operations', params: { cluster } })} />}
      {action === 'clone' && <CloneTopic cluster={cluster} topic={topic} onClose={close} />}
      {action === 'purge' && <PurgeTopic cluster={cluster} topic={topic} onClose={close} />}
      <DeleteTopic cluster={cluster} topic={topic} open={action === 'delete'} onClose={() => setAction(null)} onDeleted={() => void navigate({ to: '/$cluster/topics', params: { cluster } })} />
    </>
  );
}
