import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en';
import { bytes, duration, groupDigits } from './format';

describe('format', () => {
  it('keeps int64 exact beyond 2^53', () => {
    expect(groupDigits('9223372036854775807').replaceAll('\u202f', '')).toBe('9223372036854775807');
  });
  it('groups digits in threes', () => {
    expect(groupDigits('1234567')).toBe('1\u202f234\u202f567');
    expect(groupDigits(undefined)).toBe('–');
  });
  it('writes sizes in decimal units', () => {
    expect(bytes('999')).toBe('999 B');
    expect(bytes('1500')).toBe('1.5 KB');
    expect(bytes('123456789')).toBe('123 MB');
  });
  it('writes spans in their two largest units', () => {
    const { units } = en.common;
    expect(duration(0.4, units)).toBe('<1s');
    expect(duration(61, units)).toBe('1m 1s');
    expect(duration(90000, units)).toBe('1d 1h');
  });
});
