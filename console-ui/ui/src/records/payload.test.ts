import { describe, expect, it } from 'vitest';
import { bytesOf, hexDump, indentJson } from './payload';

describe('payload', () => {
  it('indents JSON without touching its numbers', () => {
    expect(indentJson('{"id":9223372036854775807,"a":[1,{}],"s":"x,{\\"y"}')).toBe(
      '{\n  "id": 9223372036854775807,\n  "a": [\n    1,\n    {}\n  ],\n  "s": "x,{\\"y"\n}',
    );
  });
  it('leaves alone what is not JSON', () => {
    expect(indentJson('{oops')).toBeUndefined();
    expect(indentJson('plain')).toBeUndefined();
  });
  it('dumps bytes with their offsets', () => {
    const bytes = bytesOf({ encoding: 'base64', data: btoa('\u0000Hi!'), sizeBytes: 4, truncated: false });
    expect(hexDump(bytes)).toBe(`00000000  ${'00 48 69 21'.padEnd(47)}  .Hi!`);
  });
});
