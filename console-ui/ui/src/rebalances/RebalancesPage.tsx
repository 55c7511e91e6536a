import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { api, call } from '../api/client';
import { useText } from '../i18n';
import { Card, Empty, Failure, fieldClass, Loading, PageHead } from '../ui/parts';
import { GroupTimeline } from './GroupTimeline';

/** One group's timeline, or the groups that rebalanced. */
export function RebalancesPage() {
  const text = useText();
  const { cluster } = useParams({ from: '/$cluster' });
  const { group } = useSearch({ from: '/$cluster/rebalances' });
  const navigate = useNavigate({ from: '/$cluster/rebalances' });
  const groups = useQuery({ queryKey: ['groups', cluster, 'names'], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/consumer-groups', { params: { path: { clusterId: cluster }, query: { limit: 1000 } } })) });
  return (
    <>
      <PageHead title={text.rebalances.title}>
        <select aria-label={text.rebalances.pick} className={fieldClass} value={group ?? ''} onChange={(event) => void navigate({ search: { group: event.target.value || undefined } })}>
          <option value="">{text.rebalances.pick}</option>
          {group && !groups.data?.items.some((one) => one.groupId === group) && <option>{group}</option>}
          {groups.data?.items.map((one) => <option key={one.groupId}>{one.groupId}</option>)}
        </select>
      </PageHead>
      {groups.isError && <Failure error={groups.error} />}
      {group ? <GroupTimeline key={`${cluster}/${group}`} cluster={cluster} group={group} /> : <BusyGroups cluster={cluster} />}
    </>
  );
}

/** The groups that rebalanced in the last hour, the busiest first, each with its sentence. */
function BusyGroups({ cluster }: { cluster: string }) {
  const text = useText();
  const summary = useQuery({ queryKey: ['rebalances', cluster], refetchInterval: 5_000, queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/rebalances', { params: { path: { clusterId: cluster } } })) });
  if (summary.isError) return <Failure error={summary.error} retry={() => void summary.refetch()} />;
  if (!summary.data) return <Loading />;
  return (
    <div className="flex flex-col gap-4">
      {summary.data.source === 'POLLING' && <p className="rounded-xl bg-sunken px-4 py-2.5 text-soft">{text.rebalances.source}</p>}
      <Card title={text.rebalances.busy} flush>
        {summary.data.groups.length === 0 ? <Empty title={text.rebalances.nobody} hint={text.rebalances.pick} /> : (
          <ul>
            {summary.data.groups.map((one) => (
              <li key={one.groupId} className="border-b border-line/60 px-4 py-2.5 last:border-0">
                <Link to="/$cluster/rebalances" params={{ cluster }} search={{ group: one.groupId }} className="font-medium text-accent hover:underline">{one.groupId}</Link>
                <span className="ml-3 text-soft tabular-nums">{text.rebalances.times(one.rebalances)}</span>
                <p className="mt-0.5 break-words">{text.rebalances.verdict(one.verdict.kind, one.verdict.facts) ?? one.verdict.sentence}</p>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}
