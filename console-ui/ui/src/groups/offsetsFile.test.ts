import { expect, it } from 'vitest';
import { parseOffsets, WrongLine } from './offsetsFile';

it('reads what kafka-consumer-groups exports', () => {
  expect(parseOffsets('"orders",0,9223372036854775807\r\norders,1,7\n\n', 'shop')).toEqual([
    { topic: 'orders', partition: 0, offset: '9223372036854775807' },
    { topic: 'orders', partition: 1, offset: '7' },
  ]);
});

it('takes of several groups the one that is meant', () => {
  expect(parseOffsets('shop,orders,0,5\nother,orders,0,6', 'shop')).toEqual([{ topic: 'orders', partition: 0, offset: '5' }]);
});

it('names the line that it cannot read', () => {
  for (const line of ['orders', 'orders,0', 'orders,zero,5', 'orders,0,-5', 'a,b,c,0,5']) {
    expect(() => parseOffsets(`orders,0,1\n${line}`, 'shop')).toThrow(new WrongLine(line));
  }
});
