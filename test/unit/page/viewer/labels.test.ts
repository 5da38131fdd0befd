import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Labelled, placeLabels, type Rect } from '../../../../src/page/viewer/labels.ts';

const picture = { width: 1200, height: 700 };
const said = 'anomaly, cargo-anomaly 1.1: more unusual than 99.1 % of comparable scans';

const overlap = (a: Rect, b: Rect) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const sides = fc.integer({ min: 1, max: 400 });
const label: fc.Arbitrary<Labelled> = fc.record({
  box: fc.record({
    x: fc.integer({ min: -300, max: 1400 }),
    y: fc.integer({ min: -300, max: 900 }),
    width: sides,
    height: sides,
  }),
  lines: fc.array(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 3 }),
  short: fc.option(fc.string({ minLength: 1, maxLength: 8 }), { nil: undefined }),
});

test('no words lie over other words, and all are within the picture', () => {
  fc.assert(
    fc.property(fc.array(label, { maxLength: 30 }), (labels) => {
      const places = placeLabels(labels, picture).filter((one) => one !== undefined);
      for (const [i, one] of places.entries()) {
        expect(one.x).toBeGreaterThanOrEqual(0);
        expect(one.y).toBeGreaterThanOrEqual(0);
        expect(one.x + one.width).toBeLessThanOrEqual(picture.width);
        expect(one.y + one.height).toBeLessThanOrEqual(picture.height);
        expect(places.slice(i + 1).some((other) => overlap(one, other))).toBe(false);
      }
    }),
  );
});

test('words stand above their box, and below it where a first one is there', () => {
  const box = { x: 300, y: 300, width: 80, height: 60 };
  const [first, second] = placeLabels(
    [
      { box, lines: [said] },
      { box: { ...box, x: 390 }, lines: [said] },
    ],
    picture,
  );
  expect(first).toMatchObject({ x: 300, y: 280, height: 15 });
  expect(second).toMatchObject({ x: 390, y: 365 });
});

test('of twenty boxes side by side the first ones say all, most of the others what is short; near by all say all', () => {
  const row = Array.from({ length: 20 }, (_, i) => ({
    box: { x: 20 + i * 50, y: 300, width: 40, height: 60 },
    lines: [said],
    short: `${99 - i} %`,
  }));
  const labels = placeLabels(row, picture);
  expect(labels[0]?.lines).toEqual([said]);
  const isSaid = (lines: readonly string[] | undefined) => [...(lines ?? [])].join() === said;
  expect(labels.filter((label) => isSaid(label?.lines)).length).toBeGreaterThanOrEqual(4);
  expect(labels.filter((label) => label === undefined).length).toBeLessThan(4);
  const nearer = row.map(({ box, lines, short }) => ({
    short,
    box: { ...box, x: box.x * 20 - 1000, width: 800 },
    lines,
  }));
  const isSeen = nearer.map(({ box }) => box.x < picture.width && box.x + box.width > 0);
  expect(isSeen.filter((one) => one)).toHaveLength(2);
  expect(placeLabels(nearer, picture).map((label) => isSaid(label?.lines))).toEqual(isSeen);
});

test('a box out of the picture says nothing', () => {
  expect(placeLabels([{ box: { x: 1300, y: 10, width: 50, height: 50 }, lines: [said] }], picture)).toEqual([
    undefined,
  ]);
});
