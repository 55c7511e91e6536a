import type { Schema } from '../api/client';

type Payload = Schema['Payload'];

export function bytesOf(payload: Payload): Uint8Array {
  if (payload.encoding === 'text') return new TextEncoder().encode(payload.data);
  return Uint8Array.from(atob(payload.data), (char) => char.charCodeAt(0));
}

/** The bytes as big-endian numbers of their length, by Kafka's names for them; none where no number is that long. */
export function numbersIn(bytes: Uint8Array): [type: string, value: string][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (bytes.length) {
    case 1: return [['byte', String(view.getInt8(0))], ['unsigned byte', String(view.getUint8(0))]];
    case 2: return [['short', String(view.getInt16(0))], ['unsigned short', String(view.getUint16(0))]];
    case 4: return [['int', String(view.getInt32(0))], ['unsigned int', String(view.getUint32(0))], ['float', floatText(view.getFloat32(0))]];
    case 8: return [['long', String(view.getBigInt64(0))], ['unsigned long', String(view.getBigUint64(0))], ['double', String(view.getFloat64(0))]];
    default: return [];
  }
}

/** As few digits as tell it from its neighbours among floats. */
function floatText(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

/** Offset, sixteen bytes, and what of them is printable; the first 64 KB. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, 65536); at += 16) {
    const row = Array.from(bytes.subarray(at, at + 16));
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ').padEnd(47);
    const text = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex}  ${text}`);
  }
  return lines.join('\n');
}

/**
 * JSON with line breaks and indents, or undefined when it is none. Works on the text itself, so that numbers
 * beyond 2^53 keep every digit.
 */
export function indentJson(text: string): string | undefined {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed) || trimmed.length > 1_000_000) return undefined;
  try {
    JSON.parse(trimmed);
  } catch {
    return undefined;
  }
  let result = '';
  let depth = 0;
  let inString = false;
  const newline = () => `\n${'  '.repeat(depth)}`;
  for (let at = 0; at < trimmed.length; at++) {
    const char = trimmed[at]!;
    if (inString) {
      result += char;
      if (char === '\\') result += trimmed[++at] ?? '';
      else if (char === '"') inString = false;
    } else if (char === '"') {
      inString = true;
      result += char;
    } else if (char === '{' || char === '[') {
      const close = char === '{' ? '}' : ']';
      const rest = /^\s*/.exec(trimmed.slice(at + 1))![0].length;
      if (trimmed[at + 1 + rest] === close) {
        result += char + close;
        at += rest + 1;
      } else {
        depth++;
        result += char + newline();
      }
    } else if (char === '}' || char === ']') {
      depth--;
      result += newline() + char;
    } else if (char === ',') result += char + newline();
    else if (char === ':') result += ': ';
    else if (!/\s/.test(char)) result += char;
  }
  return result;
}
