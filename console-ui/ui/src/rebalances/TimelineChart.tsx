import { useState } from 'react';
import { useText } from '../i18n';
import { describe, type Mark, markOf, milliseconds } from './describe';
import { type Bar, type GroupEvent, type Row, ticks, type Timeline } from './timeline';

const colours = ['#0f9d8f', '#d97706', '#6366f1', '#db2777', '#65a30d', '#0891b2', '#b45309', '#7c3aed', '#dc2626', '#64748b'];
const signs: Record<Mark, string> = { joined: '▸', left: '◂', failed: '✕', slow: '!', replaced: '↻', fenced: '⊘', changed: '✎' };
const tones: Record<Mark, string> = { joined: 'text-good', left: 'text-soft', failed: 'text-bad', slow: 'text-warn', replaced: 'text-accent', fenced: 'text-bad', changed: 'text-accent' };
/** A member with more partitions at once is drawn as a count: lanes would be too thin to see. */
const maxLanes = 8;
const laneHeight = 7;

/** One row a member, time to the right: columns are rebalances, bars are partitions, gaps stood still, signs are events. */
export function TimelineChart({ timeline, partitions, from, now, names, label }: { timeline: Timeline; partitions: string[]; from: number; now: number; names: Map<string, string>; label: string }) {
  const text = useText();
  const [shown, setShown] = useState<GroupEvent | undefined>();
  const span = Math.max(now - from, 1);
  const left = (time: number) => ((Math.min(Math.max(time, from), now) - from) / span) * 100;
  const colour = (partition: string) => colours[partitions.indexOf(partition) % colours.length]!;
  const marks = (events: GroupEvent[]) => events.filter((event) => Date.parse(event.at) >= from).map((event) => {
    const mark = markOf(event);
    if (!mark) return null;
    const line = describe(event, text, names);
    return (
      <button key={event.id} type="button" title={line} aria-label={`${new Date(event.at).toLocaleTimeString()} ${line}`} onClick={() => setShown(event)} onFocus={() => setShown(event)}
        className={`absolute -top-1 z-10 -ml-2 grid size-4 place-items-center rounded-full bg-card text-xs leading-none font-bold ring-1 ring-line ${tones[mark]}`} style={{ left: `${left(Date.parse(event.at))}%` }}>
        {signs[mark]}
      </button>
    );
  });
  const visible = timeline.rows.filter((row) => row.stays.some((one) => (one.to ?? now) >= from));
  return (
    <div role="group" aria-label={label}>
      <div className="max-h-[60dvh] overflow-y-auto">
        <div className="relative">
          <div className="absolute inset-y-0 right-0 left-28 md:left-44" aria-hidden="true">
            {timeline.columns.filter((column) => (column.to ?? now) >= from).map((column) => (
              <div key={column.from} className="absolute inset-y-0 border-l border-accent/50 bg-accent-wash/70" style={{ left: `${left(column.from)}%`, width: `${Math.max(left(column.to ?? now) - left(column.from), 0.15)}%` }} />
            ))}
          </div>
          <Lane name="" detail="">
            {apart(timeline.columns.filter((column) => column.from >= from), (column) => left(column.from)).map((column) => (
              <span key={column.from} className="absolute top-0 text-[10px] text-soft tabular-nums" style={{ left: `calc(${left(column.from)}% + 3px)` }} aria-hidden="true">{column.generation}</span>
            ))}
            <div className="absolute inset-x-0 top-4">{marks(timeline.groupEvents)}</div>
          </Lane>
          {visible.map((row, index) => (
            <Lane key={`${row.key} ${index}`} name={row.name} detail={row.detail}>
              {row.stays.map((one) => <div key={one.from} className="absolute inset-y-1 rounded bg-sunken" style={{ left: `${left(one.from)}%`, width: `${left(one.to ?? now) - left(one.from)}%` }} />)}
              <Owned row={row} now={now} from={from} left={left} colour={colour} />
              {marks(row.events)}
            </Lane>
          ))}
        </div>
      </div>
      <div className="relative ml-28 h-5 text-[10px] text-soft tabular-nums md:ml-44" aria-hidden="true">
        {ticks(from, now).map((time) => <span key={time} className="absolute -translate-x-1/2 pt-1 whitespace-nowrap max-md:[&:nth-child(even)]:hidden" style={{ left: `${left(time)}%` }}>{new Date(time).toLocaleTimeString([], { hourCycle: 'h23' })}</span>)}
      </div>
      <p className="mt-2 min-h-5 text-soft" role="status">{shown ? `${new Date(shown.at).toLocaleTimeString()} · ${describe(shown, text, names)}` : text.rebalances.pickEvent}</p>
    </div>
  );
}

/** Those whose labels do not run into each other; places are in percent. */
function apart<T>(items: T[], place: (item: T) => number): T[] {
  let last = -Infinity;
  return items.filter((item) => {
    if (place(item) - last < 2.5) return false;
    last = place(item);
    return true;
  });
}

function Lane({ name, detail, children }: { name: string; detail: string; children: React.ReactNode }) {
  return (
    <div className="flex items-stretch border-b border-line/50 last:border-0">
      <span className="w-28 shrink-0 truncate py-1.5 pr-2 text-xs md:w-44" title={detail ? `${name} ${detail}` : name}>{name}</span>
      <div className="relative min-h-9 flex-1">{children}</div>
    </div>
  );
}

function Owned({ row, now, from, left, colour }: { row: Row; now: number; from: number; left: (time: number) => number; colour: (partition: string) => string }) {
  const bars = row.bars.filter((bar) => (bar.to ?? now) >= from);
  const own = [...new Set(bars.map((bar) => bar.partition))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (own.length > maxLanes) return <Counted bars={bars} now={now} left={left} />;
  const height = Math.min(laneHeight, 28 / Math.max(own.length, 1));
  return (
    <>
      {bars.map((bar) => (
        <div key={`${bar.partition} ${bar.from}`} title={`${bar.partition} · ${milliseconds((bar.to ?? now) - bar.from)}`} className="absolute rounded-sm"
          style={{ left: `${left(bar.from)}%`, width: `max(1px, ${left(bar.to ?? now) - left(bar.from)}%)`, top: 4 + own.indexOf(bar.partition) * height, height: height - 1.5, background: colour(bar.partition) }} />
      ))}
    </>
  );
}

/** Many partitions: how many there were, from change to change. */
function Counted({ bars, now, left }: { bars: Bar[]; now: number; left: (time: number) => number }) {
  const changes = [...new Set(bars.flatMap((bar) => [bar.from, bar.to ?? now]))].sort((a, b) => a - b);
  return (
    <>
      {changes.slice(0, -1).map((time, index) => {
        const count = bars.filter((bar) => bar.from <= time && (bar.to ?? now) > time).length;
        if (count === 0) return null;
        const width = left(changes[index + 1]!) - left(time);
        return <div key={time} title={String(count)} className="absolute inset-y-1.5 overflow-hidden rounded-sm border-r border-card bg-accent px-1 text-[10px] leading-6 text-accent-ink" style={{ left: `${left(time)}%`, width: `${width}%` }}>{width > 2 ? count : ''}</div>;
      })}
    </>
  );
}

export function Legend({ partitions }: { partitions: string[] }) {
  const text = useText();
  return (
    <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
      {partitions.length <= 20 && partitions.map((partition, index) => (
        <li key={partition} className="flex items-center gap-1.5"><span className="h-2 w-4 rounded-sm" style={{ background: colours[index % colours.length] }} aria-hidden="true" />{partition}</li>
      ))}
      {(Object.keys(signs) as Mark[]).map((mark) => <li key={mark} className="flex items-center gap-1"><span className={tones[mark]} aria-hidden="true">{signs[mark]}</span>{text.rebalances.marks[mark]}</li>)}
    </ul>
  );
}
