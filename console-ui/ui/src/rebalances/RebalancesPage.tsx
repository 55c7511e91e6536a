import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, call } from '../api/client';
import { useText } from '../i18n';
import { duration } from '../lib/format';
import { StateBadge } from '../groups/StateBadge';
import { Card, Empty, Failure, fieldClass, Loading, PageHead } from '../ui/parts';
import { type Bar, type Change, changes, extend, type Look, lookAt, rebalanceCount } from './timeline';

const colours = ['#0f9d8f', '#d97706', '#6366f1', '#db2777', '#65a30d', '#0891b2', '#b45309', '#7c3aed', '#dc2626', '#475569'];
const logKeeps = 500;

/** Rows are partitions, time runs to the right, the colour is the member that owns the partition; gaps stood still. */
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
      {group ? <Timeline key={`${cluster}/${group}`} cluster={cluster} group={group} /> : <Card><Empty title={groups.data?.items.length === 0 ? text.groups.empty : text.rebalances.pick} hint={text.groups.emptyHint} /></Card>}
    </>
  );
}

function Timeline({ cluster, group }: { cluster: string; group: string }) {
  const text = useText();
  const last = useRef<Look | undefined>(undefined);
  const [bars, setBars] = useState<Bar[]>([]);
  const [log, setLog] = useState<Change[]>([]);
  const [now, setNow] = useState(Date.now);
  const detail = useQuery({ queryKey: ['watch', cluster, group], refetchInterval: 1_000, queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}', { params: { path: { clusterId: cluster, groupId: group } } })) });
  useEffect(() => {
    if (!detail.data) return;
    const look = lookAt(detail.data, Date.parse(detail.data.asOf));
    if (last.current && look.at <= last.current.at) { setNow(Date.now()); return; }
    const found = changes(last.current, look);
    last.current = look;
    setLog((old) => [...found.toReversed(), ...old].slice(0, logKeeps));
    setBars((old) => extend(old, look));
    setNow(Date.now());
  }, [detail.data, detail.dataUpdatedAt]);
  if (detail.isError && !detail.data) return <Failure error={detail.error} retry={() => void detail.refetch()} />;
  if (!detail.data) return <Loading />;
  const began = bars[0]?.from ?? now;
  const span = Math.max(now - began, 60_000);
  const partitions = [...new Set(bars.map((bar) => bar.partition))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).slice(0, 100);
  const members = [...new Set(bars.map((bar) => bar.member).filter((member) => member !== null))];
  const colour = (member: string) => colours[members.indexOf(member) % colours.length];
  const names = new Map(detail.data.members.map((member) => [member.memberId, member.clientId]));
  const watched = duration(Math.max(1, (now - began) / 1000));
  const count = rebalanceCount(log.filter((change) => change.at > began));
  const line = (change: Change) => {
    switch (change.kind) {
      case 'began': return text.rebalances.began;
      case 'joined': return `${change.member}: ${text.rebalances.joined}`;
      case 'left': return `${change.member}: ${text.rebalances.left}`;
      case 'moved': return text.rebalances.moved(change.count ?? 0);
      case 'state': return text.rebalances.state(change.state ?? '');
    }
  };
  return (
    <div className="flex flex-col gap-4">
      <p className="rounded-xl bg-sunken px-4 py-2.5 text-soft">{text.rebalances.source}</p>
      <Card title={<span role="status">{count === 0 ? text.rebalances.quiet(watched) : text.rebalances.verdict(count, watched)}</span>} actions={<StateBadge state={detail.data.group.state} />}>
        {partitions.length === 0 ? <Empty title={text.rebalances.waiting} /> : (
          <>
            <div className="max-h-[50dvh] overflow-auto" tabIndex={0} role="region" aria-label={text.rebalances.title}>
              {partitions.map((partition) => (
                <div key={partition} className="flex items-center gap-3 py-0.5">
                  <span className="w-28 shrink-0 truncate text-xs text-soft md:w-44" title={partition}>{partition}</span>
                  <div className="relative h-5 flex-1 rounded bg-sunken">
                    {bars.filter((bar) => bar.partition === partition && bar.member !== null).map((bar) => (
                      <div key={bar.from} title={names.get(bar.member!) ?? bar.member!} className="absolute inset-y-0 rounded-sm border-r-2 border-card"
                        style={{ left: `${((bar.from - began) / span) * 100}%`, width: `${(((bar.to ?? now) - bar.from) / span) * 100}%`, background: colour(bar.member!) }} />
                    ))}
                  </div>
                </div>
              ))}
            </div>
            <ul className="mt-4 flex flex-wrap gap-x-4 gap-y-1 text-xs">
              {members.map((member) => (
                <li key={member} className="flex items-center gap-1.5" title={member}><span className="size-3 rounded-sm" style={{ background: colour(member) }} aria-hidden="true" />{names.get(member) ?? <s className="text-soft">{member.slice(0, 40)}</s>}</li>
              ))}
              <li className="flex items-center gap-1.5 text-soft"><span className="size-3 rounded-sm bg-sunken" aria-hidden="true" />{text.rebalances.unowned}</li>
            </ul>
          </>
        )}
      </Card>
      <Card title={text.rebalances.events} flush>
        <ol className="max-h-72 overflow-auto" tabIndex={0} aria-label={text.rebalances.events}>
          {log.map((change, index) => (
            <li key={log.length - index} className="flex gap-4 border-b border-line/60 px-4 py-1.5 last:border-0"><time className="text-soft tabular-nums" dateTime={new Date(change.at).toISOString()}>{new Date(change.at).toLocaleTimeString()}</time><span>{line(change)}</span></li>
          ))}
        </ol>
      </Card>
    </div>
  );
}
