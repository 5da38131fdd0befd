import fc from 'fast-check';
import { expect, test } from 'vitest';
import { turnedSamples } from '../../../../src/codec/pixels/turned.ts';
import { type Turn, turnedSides } from '../../../../src/core/scan/turn.ts';
import { turnOnScreen } from '../../../../src/page/viewer/orientation.ts';

const quarter = fc.constantFrom<Turn['rotate']>(0, 90, 180, 270);
const anyTurn = fc.record({ flipRows: fc.boolean(), rotate: quarter, flipColumns: fc.boolean() });
const sides = { rows: 3, columns: 5 };
const stored = Uint8Array.from({ length: 15 }, (_, i) => i);

const turned = (bytes: Uint8Array, { rows, columns }: typeof sides, turn: Turn) =>
  turnedSamples(
    bytes,
    { rows, columns, frames: 1, samplesPerPixel: 1, planar: false, bitsAllocated: 8 },
    turn,
  );

test('one turn shows what the record turns upright and the reader turns and mirrors after it', () => {
  fc.assert(
    fc.property(anyTurn, quarter, fc.boolean(), (display, rotate, mirror) => {
      const upright = turned(stored, sides, display);
      const own = { flipRows: false, rotate, flipColumns: mirror };
      const inTwoSteps = turned(upright, turnedSides(sides, display), own);
      expect(turned(stored, sides, turnOnScreen(display, { rotate, mirror }))).toEqual(inTwoSteps);
    }),
  );
});
