import { expect, it } from 'vitest';
import { instant, localTime } from './time';

it('shows an instant in local time, and reads it back', () => {
  expect(localTime(undefined)).toBe('');
  expect(instant('')).toBeUndefined();
  for (const one of ['2026-01-02T03:04:05.000Z', '2026-07-31T23:59:59.000Z']) expect(instant(localTime(one))).toBe(one);
});

it('says whole minutes as the field does', () => {
  expect(localTime(instant('2030-01-01T00:00:00'))).toBe('2030-01-01T00:00');
});
