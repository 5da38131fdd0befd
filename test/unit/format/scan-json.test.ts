import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/format/canonical-json.ts';
import { parseScanJson, scanJsonBytes } from '../../../src/format/scan-json.ts';
import { channelOf, scanOf } from '../../support/scan.ts';

describe('scan.json', () => {
  test('is read back equal, and the same bytes whatever the order of its fields', () => {
    const scan = scanOf([channelOf()], { vendor: { 'a.xml': { ÿ: '½', b: [1e21, -0, null] } } });
    const bytes = scanJsonBytes(scan);
    expect(parseScanJson(bytes)).toEqual({ ...scan, vendor: { 'a.xml': { ÿ: '½', b: [1e21, 0, null] } } });
    const reversed = Object.fromEntries(Object.entries(scan).reverse()) as typeof scan;
    expect(Buffer.compare(scanJsonBytes(reversed), bytes)).toBe(0);
  });

  test.each([
    ['not JSON', '{'],
    ['another record', '{"schemaVersion":"1.0"}'],
    ['a field too many', JSON.stringify({ ...scanOf([channelOf()]), more: 1 })],
  ])('is refused when it is %s', (_, text) => {
    expect(() => parseScanJson(new TextEncoder().encode(text))).toThrow(
      expect.objectContaining({ code: 'NII_MALFORMED' }),
    );
  });
});

describe('canonical JSON', () => {
  test('is JSON of the same value, and a fixed point', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  test('is the text of RFC 8785 appendix E for its example', () => {
    const value = {
      numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 1e-27],
      literals: [null, true, false],
      '\u20ac': 1,
      '\r': 2,
    };
    expect(canonicalJson(value)).toBe(
      '{"\\r":2,"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"€":1}',
    );
  });

  test('refuses what JSON cannot say', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError);
    expect(() => canonicalJson(() => 1)).toThrow(TypeError);
  });
});
