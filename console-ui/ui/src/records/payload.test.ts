import { describe, expect, it } from 'vitest';
import { bytesOf, hexDump, indentJson, numbersIn } from './payload';

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
  it('reads numbers as their serializers write them, to the last digit', () => {
    const bytes = (...values: number[]) => Uint8Array.from(values);
    expect(numbersIn(bytes(0xff))).toEqual([['byte', '-1'], ['unsigned byte', '255']]);
    expect(numbersIn(bytes(0x80, 0))).toEqual([['short', '-32768'], ['unsigned short', '32768']]);
    expect(numbersIn(bytes(0x3d, 0xcc, 0xcc, 0xcd))).toEqual([['int', '1036831949'], ['unsigned int', '1036831949'], ['float', '0.1']]);
    expect(numbersIn(bytes(0x7f, 0xc0, 0, 0))[2]).toEqual(['float', 'NaN']);
    expect(numbersIn(bytes(0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe))[0]).toEqual(['long', '9223372036854775806']);
    expect(numbersIn(bytes(0x3f, 0xf8, 0, 0, 0, 0, 0, 0))[2]).toEqual(['double', '1.5']);
    expect(numbersIn(bytes(1, 2, 3))).toEqual([]);
  });
  it('dumps bytes with their offsets', () => {
    const bytes = bytesOf({ encoding: 'base64', data: btoa('\u0000Hi!'), sizeBytes: 4, truncated: false });
    expect(hexDump(bytes)).toBe(`00000000  ${'00 48 69 21'.padEnd(47)}  .Hi!`);
  });
});
