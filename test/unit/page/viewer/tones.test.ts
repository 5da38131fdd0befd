import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { colourTable, MAP_ENTRIES } from '../../../../src/page/viewer/colour-maps.ts';
import {
  type Curve,
  colourMaps,
  fullScaleOf,
  plainTones,
  presets,
  presetTones,
} from '../../../../src/page/viewer/settings.ts';
import { toneOf } from '../../../../src/page/viewer/tone.ts';
import { channelOf } from '../../../support/page/slabs.ts';

const curves: readonly Curve[] = [
  { kind: 'linear' },
  { kind: 'square-root' },
  { kind: 'logarithmic' },
  { kind: 'gamma', gamma: 0.4 },
  { kind: 'gamma', gamma: 2.5 },
];
const none = { kind: 'none' } as const;

describe('a curve', () => {
  test.each(curves)(
    '$kind goes from black at the low end of the window to white at its high end, and never falls',
    (curve) => {
      fc.assert(
        fc.property(
          fc.nat(60_000),
          fc.integer({ min: 1, max: 5000 }),
          fc.nat(65_535),
          (low, width, value) => {
            const tone = toneOf({ window: { low, high: low + width }, curve, enhancement: none }, 65_535);
            expect([tone(low - 1), tone(low), tone(low + width), tone(70_000)]).toEqual([0, 0, 1, 1]);
            expect(tone(value + 1)).toBeGreaterThanOrEqual(tone(value));
          },
        ),
      );
    },
  );

  test('the logarithm gives a third of the brightness to a hundredth of the window', () => {
    const tone = toneOf(
      { window: { low: 0, high: 50_000 }, curve: { kind: 'logarithmic' }, enhancement: none },
      50_000,
    );
    expect(tone(500)).toBeCloseTo(0.347, 3);
  });

  test('a sweep shows its band of absorption, and nothing of what lies on its sides', () => {
    const enhancement = { kind: 'sweep', position: 0.5, width: 0.2 } as const;
    const tone = toneOf({ window: { low: 0, high: 1 }, curve: { kind: 'linear' }, enhancement }, 10_000);
    // of 10,000 the half of the logarithm is 100
    expect(tone(100)).toBeCloseTo(0.5, 6);
    expect(tone(10_000 ** 0.61)).toBe(1);
    expect(tone(10_000 ** 0.39)).toBe(0);
    expect(tone(0)).toBe(0);
  });
});

describe('tones of a channel', () => {
  const channel = channelOf('high', 4, 4);

  test('the plain picture is grey, linear, over the whole range, with nothing added', () => {
    expect(plainTones(channel)).toEqual({
      window: { low: 0, high: 60_000 },
      curve: { kind: 'linear' },
      invert: false,
      colourMap: 'grey',
      enhancement: none,
    });
  });

  test('dense is dark for every polarity, in every preset', () => {
    for (const preset of presets) {
      for (const polarity of ['high-is-transparent', 'high-is-opaque'] as const) {
        const facts = { ...channel, polarity };
        const tones = presetTones(preset, facts);
        const tone = toneOf(tones, fullScaleOf(facts));
        const bright = (share: number) => {
          const value = fullScaleOf(facts) * (polarity === 'high-is-opaque' ? 1 - share : share);
          return tones.invert ? 1 - tone(value) : tone(value);
        };
        expect(bright(0), `${preset} ${polarity}`).toBe(0);
        expect(bright(1), `${preset} ${polarity}`).toBe(1);
      }
    }
  });
});

/** Relative lightness as CIE L*, of linear light. */
function lightness(rgb: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb;
  const light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return light > 0.008856 ? 116 * Math.cbrt(light) - 16 : 903.3 * light;
}

const linear = (byte: number) => (byte <= 10 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);

/** How a reader without green cones, or without red ones, sees linear light: the two share one signal. */
const seers: readonly (readonly [string, (rgb: readonly number[]) => readonly number[]])[] = [
  ['all cones', (rgb) => rgb],
  ['no green cones', ([r = 0, g = 0, b = 0]) => [0.29 * r + 0.71 * g, 0.29 * r + 0.71 * g, b]],
  ['no red cones', ([r = 0, g = 0, b = 0]) => [0.112 * r + 0.888 * g, 0.112 * r + 0.888 * g, b]],
];

describe.each(colourMaps)('the map %s', (map) => {
  const table = colourTable(map);
  const colours = Array.from({ length: MAP_ENTRIES }, (_, i) =>
    [...table.subarray(3 * i, 3 * i + 3)].map(linear),
  );

  test.each(seers)('rises in lightness for a reader with %s', (_, seen) => {
    const steps = colours.map((colour) => lightness(seen(colour)));
    for (const [i, step] of steps.entries())
      expect(step, `entry ${i}`).toBeGreaterThanOrEqual((steps[i - 1] ?? -1) - 0.15);
    expect((steps.at(-1) ?? 0) - (steps[0] ?? 0)).toBeGreaterThan(60);
  });
});
