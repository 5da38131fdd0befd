import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromDifferences, toDifferences } from '../../../src/core/samples/differences.ts';

const sides = fc.record({ rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 9 }) });

test('samples come back from their differences as they were, whatever their values', () => {
  fc.assert(
    fc.property(
      sides,
      fc.constantFrom(8 as const, 16 as const),
      fc.infiniteStream(fc.nat()),
      (at, bits, values) => {
        const length = at.rows * at.columns;
        const samples = bits === 8 ? new Uint8Array(length) : new Uint16Array(length);
        for (let i = 0; i < length; i++) samples[i] = values.next().value ?? 0;
        const packed = toDifferences(samples, at.columns);
        expect(packed).toHaveLength((length * bits) / 8);
        expect(fromDifferences(packed, { ...at, bits })).toEqual(samples);
      },
    ),
  );
});

test('a slope and an edge have small differences: their high bytes are zero', () => {
  const samples = Uint16Array.from({ length: 64 * 64 }, (_, i) => {
    const [row, column] = [Math.floor(i / 64), i % 64];
    return (column < 32 ? 50_000 : 9000) + row * 3 + column;
  });
  const high = toDifferences(samples, 64).subarray(64 * 64);
  expect(high.filter((byte) => byte !== 0).length).toBeLessThan(4);
});

test('bytes of other sides are rejected with the number that is needed', () => {
  expect(() => fromDifferences(new Uint8Array(7), { rows: 2, columns: 2, bits: 16 })).toThrow('use 8');
});
