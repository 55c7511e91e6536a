import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api, call } from '../api/client';
import { useText } from '../i18n';
import { bytes, duration, groupDigits } from '../lib/format';
import { Card, Empty, Failure, Loading, Warnings } from '../ui/parts';
import { Ticker } from './Ticker';

const tones = { HEALTHY: 'bg-good-wash text-good', DEGRADED: 'bg-warn-wash text-warn', FAILING: 'bg-bad-wash text-bad' } as const;

/** One sentence of health, and what is worth a look. */
export function NowPage() {
  const text = useText();
  const { cluster } = useParams({ from: '/$cluster' });
  const path = { clusterId: cluster };
  const health = useQuery({ queryKey: ['health', cluster], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}', { params: { path } })) });
  const groups = useQuery({ queryKey: ['worst', cluster], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/consumer-groups', { params: { path, query: { sort: '-lag', limit: 6 } } })) });
  const topics = useQuery({ queryKey: ['busiest', cluster], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/topics', { params: { path, query: { sort: '-rate', limit: 6 } } })) });
  if (health.isError && !health.data) return <Failure error={health.error} retry={() => void health.refetch()} />;
  const data = health.data;
  if (!data) return <Loading />;
  const behind = groups.data?.items.filter((group) => group.lag !== '0') ?? [];
  const facts: [string, string, boolean][] = [
    [text.now.brokers, `${data.brokersOnline} ${text.common.of} ${data.brokers}`, data.brokersOnline < data.brokers],
    [text.now.topics, groupDigits(data.topics), false],
    [text.now.partitions, groupDigits(data.partitions), false],
    [text.now.under, groupDigits(data.underReplicatedPartitions), data.underReplicatedPartitions > 0],
    [text.now.offline, groupDigits(data.offlinePartitions), data.offlinePartitions > 0],
    [text.now.stored, bytes(data.sizeBytes), false],
  ];
  return (
    <>
      <h1 className="sr-only">{text.now.title}</h1>
      <div className={`mb-4 rounded-2xl px-5 py-6 ${tones[data.health]}`} role="status">
        <p className="text-xl font-semibold tracking-tight text-balance md:text-2xl">{text.now.sentence(data)}</p>
      </div>
      {data.health !== 'HEALTHY' && <Warnings items={data.warnings.filter((warning) => warning.code !== 'BROKER_OFFLINE')} />}
      <dl className="mb-4 grid grid-cols-2 gap-px overflow-hidden rounded-xl border bg-line sm:grid-cols-3 lg:grid-cols-6">
        {facts.map(([label, value, bad]) => (
          <div key={label} className="bg-card px-4 py-3">
            <dt className="text-xs text-soft">{label}</dt>
            <dd className={`mt-0.5 text-lg font-semibold tabular-nums ${bad ? 'text-bad' : ''}`}>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="grid gap-4 lg:grid-cols-2">
        <Card title={text.now.worstLag} flush>
          {groups.isError ? <Failure error={groups.error} /> : groups.isPending ? <Loading rows={3} /> : behind.length === 0 ? <Empty title={text.now.noLag} /> : (
            <ul>
              {behind.map((group) => (
                <li key={group.groupId} className="flex items-center justify-between gap-3 border-b border-line/60 px-4 py-2 last:border-0">
                  <Link to="/$cluster/groups/$group" params={{ cluster, group: group.groupId }} className="truncate font-medium hover:text-accent">{group.groupId}</Link>
                  <span className="num whitespace-nowrap"><b>{groupDigits(group.lag)}</b>{group.lagSeconds !== undefined && <span className="ml-2 text-soft">{duration(group.lagSeconds, text.common.units)}</span>}</span>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title={text.now.busiest} flush>
          {topics.isError ? <Failure error={topics.error} /> : topics.isPending ? <Loading rows={3} /> : topics.data.items.length === 0 ? <Empty title={text.now.noTopics} hint={text.topics.emptyHint} /> : (
            <ul>
              {topics.data.items.map((topic) => (
                <li key={topic.name} className="flex items-center justify-between gap-3 border-b border-line/60 px-4 py-2 last:border-0">
                  <Link to="/$cluster/topics/$topic" params={{ cluster, topic: topic.name }} className="truncate font-medium hover:text-accent">{topic.name}</Link>
                  <span className="num whitespace-nowrap">{topic.appendRate >= 0.05 ? <b>{topic.appendRate.toFixed(topic.appendRate < 10 ? 1 : 0)}</b> : '0'}<span className="text-soft">{text.now.perSecond}</span><span className="inline-block w-20 text-soft">{bytes(topic.sizeBytes)}</span></span>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <div className="lg:col-span-2">
          <Ticker cluster={cluster} />
        </div>
      </div>
    </>
  );
}
