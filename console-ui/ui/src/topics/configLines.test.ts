import { describe, expect, it } from 'vitest';
import { parseConfigLines } from './configLines';

describe('configuration lines', () => {
  it('are names and values, of which the latter may have signs of equality', () => {
    expect(parseConfigLines(' cleanup.policy = compact\n\nretention.ms=86400000\nx=a=b\nempty=')).toEqual({ 'cleanup.policy': 'compact', 'retention.ms': '86400000', x: 'a=b', empty: '' });
  });
  it('name the line that is none', () => {
    expect(() => parseConfigLines('retention.ms=1\nretention.ms 2')).toThrow('retention.ms 2');
    expect(() => parseConfigLines('=2')).toThrow('=2');
  });
});
