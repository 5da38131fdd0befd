import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withReadableText } from '../../../src/convert/finish.ts';
import type { Converted } from '../../../src/sdk/sdk.ts';

const converted = (manufacturer: string, note = 'x'): Converted => ({
  source: { format: 'f', manufacturer },
  acquired: { zone: 'unknown' },
  units: [{ id: 'unit-1', kind: 'unknown', containers: [], plates: [note], declarations: [], seals: [] }],
  views: [],
  planes: new Map(),
  vendor: { note },
});

it('characters that are none of a text are replaced, one by one, and each field is named', () => {
  const read = withReadableText(converted('A\u0000B', 'a\ud800\u001b[2Jb'));
  expect(read.source.manufacturer).toBe('A\ufffdB');
  expect(read.units[0]?.plates).toEqual(['a\ufffd\ufffd[2Jb']);
  expect(read.vendor, 'as the file has it').toEqual({ note: 'a\ud800\u001b[2Jb' });
  expect(read.warnings?.map(({ code, field }) => [code, field])).toEqual([
    ['NII_W_FIELD_MALFORMED', 'source.manufacturer'],
    ['NII_W_FIELD_MALFORMED', 'units.0.plates.0'],
  ]);
});

it('text is the very same, also with line ends, tabs, accents and signs beyond the first plane', () => {
  const whole = converted('Größe\t1\r\n宁波 🚚');
  expect(withReadableText(whole)).toBe(whole);
});

it('nothing that comes out needs replacing, and it is as long as before', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
      const once = withReadableText(converted(text));
      expect(once.source.manufacturer).toHaveLength(text.length);
      expect(withReadableText({ ...once, warnings: [] }).warnings).toEqual([]);
    }),
  );
});
