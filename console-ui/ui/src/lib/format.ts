/** int64 values arrive as strings and stay exact: they are grouped for reading, never turned into numbers. */
export type Int64 = string;

export function groupDigits(value: Int64 | number | undefined): string {
  if (value === undefined) return '–';
  const text = String(value);
  const negative = text.startsWith('-');
  const digits = negative ? text.slice(1) : text;
  if (!/^\d+$/.test(digits)) return text;
  return (negative ? '−' : '') + digits.replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

export function bytes(value: Int64 | number | undefined): string {
  if (value === undefined) return '–';
  let amount = Number(value);
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  const digits = unit === 0 || amount >= 100 ? 0 : 1;
  return `${amount.toFixed(digits)} ${units[unit]}`;
}

/** A span of time in its two largest units: 3d 4h, 5m 20s, 1.2s. */
export function duration(seconds: number | undefined, units: { d: string; h: string; m: string; s: string }): string {
  if (seconds === undefined) return '–';
  if (seconds < 1) return `${seconds <= 0 ? '0' : '<1'}${units.s}`;
  if (seconds < 10) return `${seconds.toFixed(1)}${units.s}`;
  const whole = Math.floor(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 86400), units.d],
    [Math.floor((whole % 86400) / 3600), units.h],
    [Math.floor((whole % 3600) / 60), units.m],
    [whole % 60, units.s],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${unit}`)
    .join(' ');
}
