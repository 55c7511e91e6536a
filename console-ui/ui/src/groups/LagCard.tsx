import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { duration, groupDigits } from '../lib/format';
import { Badge, Card, Failure, Loading } from '../ui/parts';

const tones = { OK: 'good', WARN: 'warn', ERR: 'bad', STOP: 'bad', STALL: 'bad', REWIND: 'bad', NOTFOUND: 'neutral' } as const;
const width = 600;
const height = 120;

/** How the lag went, where it is going, and what Burrow's rules make of it. */
export function LagCard({ cluster, group, row }: { cluster: string; group: string; row: Schema['GroupRow'] }) {
  const text = useText();
  const [window, setWindow] = useState<'HOUR' | 'DAY'>('HOUR');
  const path = { clusterId: cluster, groupId: group };
  const history = useQuery({ queryKey: ['lag', cluster, group, window], refetchInterval: 10_000, queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}/lag-history', { params: { path, query: { window } } })) });
  const verdict = useQuery({ queryKey: ['verdict', cluster, group], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/consumer-groups/{groupId}/evaluation', { params: { path } })) });
  const worst = verdict.data?.partitions.find((one) => one.status !== 'OK') ?? verdict.data?.partitions[0];
  const trend = row.lagTrendPerSecond;
  return (
    <Card title={text.groups.lag} actions={
      <div className="flex gap-1">
        {(['HOUR', 'DAY'] as const).map((one) => (
          <button key={one} type="button" aria-pressed={window === one} onClick={() => setWindow(one)} className={`rounded-md px-2 py-0.5 text-xs ${window === one ? 'bg-accent-wash font-medium text-accent' : 'text-soft hover:bg-sunken'}`}>{text.groups.windows[one]}</button>
        ))}
      </div>
    }>
      <p className="mb-3 flex flex-wrap items-center gap-x-3 gap-y-1">
        {verdict.data && worst && <Badge tone={tones[verdict.data.status]}>{verdict.data.status}</Badge>}
        {worst && <span className="text-soft">{worst.status !== 'OK' && `${worst.topic}-${worst.partition}: `}{text.groups.rules[worst.status === 'OK' && row.lag === '0' ? 'CAUGHT_UP' : worst.status]}</span>}
        {trend !== undefined && Math.abs(trend) >= 0.05 && <span>{trend > 0 ? text.groups.growing(trend.toFixed(1)) : text.groups.shrinking((-trend).toFixed(1))}</span>}
        {row.catchUpSeconds !== undefined && row.catchUpSeconds > 0 && <span>{text.groups.caughtUpIn(duration(row.catchUpSeconds, text.common.units))}</span>}
      </p>
      {history.isError ? <Failure error={history.error} /> : !history.data ? <Loading rows={3} /> : <Chart points={history.data.items} step={history.data.stepSeconds} label={text.groups.lag} />}
    </Card>
  );
}

function Chart({ points, step, label }: { points: Schema['LagPoint'][]; step: number; label: string }) {
  const text = useText();
  if (points.length === 0) return <p className="text-soft">{text.groups.noHistory}</p>;
  const lags = points.map((point) => Number(point.lag));
  const worst = Math.max(1, ...lags);
  const x = (at: number) => (points.length === 1 ? width : (at / (points.length - 1)) * width);
  const y = (lag: number) => height - (lag / worst) * (height - 6);
  const line = points.length === 1 ? `0,${y(lags[0]!)} ${width},${y(lags[0]!)}` : lags.map((lag, at) => `${x(at).toFixed(1)},${y(lag).toFixed(1)}`).join(' ');
  const time = (point: Schema['LagPoint'] | undefined) => (point ? new Date(point.time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }) : '');
  return (
    <figure>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" className="h-28 w-full text-accent" role="img" aria-label={`${label}: ${groupDigits(points.at(-1)?.lag)}, max ${groupDigits(worst)}`}>
        <polygon points={`0,${height} ${line} ${width},${height}`} fill="currentColor" opacity=".15" />
        <polyline points={line} fill="none" stroke="currentColor" strokeWidth="2" vectorEffect="non-scaling-stroke" />
        {points.map((point, at) => (
          <rect key={point.time} x={x(at) - width / points.length / 2} y="0" width={width / points.length} height={height} fill="transparent"><title>{`${time(point)} · ${groupDigits(point.lag)}${point.lagSeconds === undefined ? '' : ` · ${duration(point.lagSeconds, text.common.units)}`}`}</title></rect>
        ))}
      </svg>
      <figcaption className="mt-1 flex justify-between text-xs text-soft tabular-nums"><span>{time(points[0])}</span><span>{text.groups.worst(groupDigits(worst), step / 60)}</span><span>{time(points.at(-1))}</span></figcaption>
    </figure>
  );
}
