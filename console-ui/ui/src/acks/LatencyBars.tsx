import type { Schema } from '../api/client';
import { useText } from '../i18n';
import { micros } from './acks';

/** A histogram: a bar a bucket, its height the share of records; every run with the same columns, so that they compare. */
export function LatencyBars({ run, columns }: { run: Schema['AcksRun']; columns: number }) {
  const text = useText();
  const buckets = run.latency.buckets;
  const highest = Math.max(1, ...buckets.map((bucket) => bucket.count));
  const name = (at: number) => (at === 0 ? `< ${micros(Number(buckets[0]!.belowMicros))}` : `${micros(Number(buckets[at - 1]!.belowMicros))} – ${at === 16 ? '' : micros(Number(buckets[at]!.belowMicros))}`);
  if (buckets.length === 0) return <p className="flex h-28 items-end text-soft">{text.acks.noLatency}</p>;
  return (
    <figure>
      <div className="flex h-28 items-end gap-0.5" role="img" aria-label={buckets.filter((bucket) => bucket.count > 0).map((bucket) => `${name(buckets.indexOf(bucket))}: ${bucket.count}`).join(', ')}>
        {Array.from({ length: columns }, (_, at) => {
          const count = buckets[at]?.count ?? 0;
          return <div key={at} title={at < buckets.length ? `${name(at)}: ${count}` : undefined} className={`min-w-0 flex-1 rounded-t-sm ${count > 0 ? 'bg-accent' : 'bg-sunken'}`} style={{ height: count > 0 ? `${Math.max(3, (count / highest) * 100)}%` : '2px' }} />;
        })}
      </div>
      <figcaption className="mt-1 flex justify-between text-xs text-soft tabular-nums"><span>0</span><span>{text.acks.until(micros(100 * [1, 2, 5][(columns - 1) % 3]! * 10 ** Math.floor((columns - 1) / 3)))}</span></figcaption>
    </figure>
  );
}
