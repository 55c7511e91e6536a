import type { Text } from '../i18n/en';
import { type GroupEvent, memberName } from './timeline';

export type Mark = 'joined' | 'left' | 'failed' | 'slow' | 'replaced' | 'fenced' | 'changed';

/** How an event is drawn: its sign, and whether it is bad news. */
export function markOf(event: GroupEvent): Mark | undefined {
  switch (event.type) {
    case 'MEMBER_JOINED': return 'joined';
    case 'MEMBER_LEFT':
      if (event.departure === 'SESSION_EXPIRED' || event.departure === 'MISSED_SYNC' || event.departure === 'OVER_CAPACITY') return 'failed';
      return event.departure === 'MISSED_JOIN' || event.departure === 'MISSED_REVOCATION' || pollTimeout(event) ? 'slow' : 'left';
    case 'STATIC_MEMBER_REPLACED': return 'replaced';
    case 'MEMBER_FENCED': return 'fenced';
    case 'SUBSCRIPTION_CHANGED':
    case 'PARTITIONS_CHANGED': return 'changed';
    default: return undefined;
  }
}

const pollTimeout = (event: GroupEvent) => /poll timeout|max\.poll\.interval|max poll interval/i.test(event.reason ?? '');

/** An event as a line of text. */
export function describe(event: GroupEvent, text: Text, names: Map<string, string>): string {
  const words = text.rebalances;
  const who = event.member ? memberName(event.member) : (event.instanceId ?? names.get(event.memberId ?? '') ?? memberName(undefined, event.memberId));
  const said = event.reason ? ` („${event.reason}“)`.replaceAll('„', '“') : '';
  switch (event.type) {
    case 'MEMBER_JOINED': return `${who}: ${words.joined}${said}`;
    case 'MEMBER_LEFT': return `${who}: ${pollTimeout(event) ? words.departures.POLL_TIMEOUT : (words.departures[event.departure as keyof typeof words.departures] ?? words.departures.UNKNOWN)}${pollTimeout(event) ? '' : said}`;
    case 'STATIC_MEMBER_REPLACED': return `${who}: ${words.replaced}`;
    case 'MEMBER_FENCED': return `${who}: ${words.fenced(event.operation ?? '')}`;
    case 'SUBSCRIPTION_CHANGED': return `${who}: ${words.subscribed((event.topicsBefore ?? []).join(', '), (event.topics ?? []).join(', '))}`;
    case 'PARTITIONS_CHANGED': return words.partitions(event.topic ?? '', event.partitionsBefore ?? 0, event.partitionsAfter ?? 0);
    case 'REBALANCE_STARTED': return words.started(causeText(event.cause, text));
    case 'GENERATION_BEGUN': return words.begun(event.generation, event.members ?? 0) + (event.lastToJoin && (event.joinMs ?? 0) >= 500 ? ` ${words.waited(names.get(event.lastToJoin) ?? memberName(undefined, event.lastToJoin), milliseconds(event.joinMs ?? 0))}` : '');
    case 'ASSIGNED': {
      const longest = Math.max(0, ...Object.values(event.standstillMs ?? {}));
      return words.assigned(Object.values(event.partitions ?? {}).flat().length) + (longest > 0 ? ` ${words.stood(milliseconds(longest))}` : '');
    }
    case 'OTHER': return words.other;
  }
}

export function causeText(cause: string | undefined, text: Text): string {
  const causes = text.rebalances.causes;
  return causes[(cause ?? 'UNKNOWN') as keyof typeof causes] ?? causes.UNKNOWN;
}

/** 350 ms, 6.1 s, 2 min. */
export function milliseconds(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${Number((ms / 1_000).toFixed(1))} s`;
  return `${Number((ms / 60_000).toFixed(1))} min`;
}
