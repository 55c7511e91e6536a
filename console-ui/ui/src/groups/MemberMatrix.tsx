import type { Schema } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { Badge } from '../ui/parts';

/** Members × partitions: one look tells who reads what and where the lag is. */
export function MemberMatrix({ members, partitions }: { members: Schema['MemberDetail'][]; partitions: Schema['PartitionLag'][] }) {
  const text = useText();
  const shown = partitions.slice(0, 200);
  const worst = Math.max(1, ...shown.map((one) => Number(one.lag ?? 0)));
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={text.groups.matrix}>
      <table className="border-separate border-spacing-1">
        <thead>
          <tr>
            <th scope="col" className="pr-4 text-left text-xs font-medium text-soft">{text.groups.owner}</th>
            {shown.map((one) => <th key={`${one.topic}/${one.partition}`} scope="col" title={`${one.topic}-${one.partition}`} className="min-w-8 text-center text-xs font-medium text-soft tabular-nums"><span className="sr-only">{one.topic} </span>{one.partition}</th>)}
            <th scope="col" className="num pl-3 text-xs font-medium text-soft">{text.groups.lag}</th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <tr key={member.memberId}>
              <th scope="row" className="max-w-60 pr-4 text-left font-normal" title={member.memberId}>
                <span className="block truncate font-medium">{member.clientId} {member.instanceId && <Badge>{text.groups.static}: {member.instanceId}</Badge>}</span>
                <span className="block truncate text-xs text-soft">{member.host.replace(/^\//, '')}{member.assigned.length === 0 && ` · ${text.groups.idle}`}</span>
              </th>
              {shown.map((one) => {
                const owns = one.memberId === member.memberId;
                const lag = Number(one.lag ?? 0);
                return (
                  <td key={`${one.topic}/${one.partition}`} className="p-0">
                    <div title={owns ? `${one.topic}-${one.partition} · ${text.groups.lag} ${groupDigits(one.lag)}` : undefined}
                      className={`h-7 min-w-8 rounded-md ${owns ? (lag > worst / 2 && lag > 0 ? 'bg-amber-500' : 'bg-accent') : 'bg-sunken'}`}>
                      {owns && <span className="sr-only">{text.common.yes}</span>}
                    </div>
                  </td>
                );
              })}
              <td className="num pl-3">{groupDigits(member.lag)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
