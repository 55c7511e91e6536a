import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en';
import { ko } from '../i18n/ko';
import { goneTopics, sentence } from './Ticker';
import { type ClusterEvent, newestFirst } from './useTicker';

const event = (more: Partial<ClusterEvent>): ClusterEvent => ({ sequence: '1', at: '2026-01-01T00:00:00Z', kind: 'CHANGE', count: 1, ...more });

describe('the ticker', () => {
  it('says each event in a sentence, in both languages', () => {
    const events = [
      event({ kind: 'LEADER_CHANGED', topic: 'orders', partition: 2, before: '1', after: '3' }),
      event({ kind: 'LEADER_CHANGED', topic: 'orders', count: 40 }),
      event({ kind: 'ISR_SHRUNK', count: 1200 }),
      event({ kind: 'BROKER_DOWN', broker: 2 }),
      event({ kind: 'PARTITIONS_ADDED', topic: 'orders', before: '3', after: '6', count: 3 }),
      event({ kind: 'REBALANCE', group: 'shop', detail: 'MEMBER_LEFT' }),
      event({ kind: 'CHANGE', after: 'orders', detail: 'delete-topic by ann' }),
    ];
    expect(events.map((one) => sentence(one, en))).toEqual([
      'orders-2 is led by 3 instead of 1', '40 partitions of orders changed leader', '1200 partitions have fewer replicas in sync', 'Broker 2 went down',
      'orders has 6 partitions instead of 3', 'shop rebalances: a member left', 'orders: delete-topic by ann',
    ]);
    for (const one of events) expect(sentence(one, ko)).not.toBe('');
  });

  it('knows which topics are gone', () => {
    const of = (kind: ClusterEvent['kind'], topic: string) => event({ kind, topic });
    const events = [of('TOPIC_DELETED', 'a'), of('TOPIC_CREATED', 'b'), of('LEADER_CHANGED', 'a'), of('TOPIC_DELETED', 'b'), of('TOPIC_CREATED', 'a'), of('ISR_SHRUNK', 'c')];
    expect([...goneTopics(events)]).toEqual(['a']);
  });

  it('keeps each event once, the newest first', () => {
    const old = event({ sequence: '9', at: '2026-01-01T00:00:01Z' });
    const same = event({ sequence: '10', at: '2026-01-01T00:00:01Z' });
    const late = event({ sequence: '2', at: '2026-01-01T00:00:02Z' });
    expect(newestFirst([late], [old, same, late]).map((one) => one.sequence)).toEqual(['2', '10', '9']);
  });
});
