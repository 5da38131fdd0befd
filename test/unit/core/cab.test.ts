import { describe, expect, test } from 'vitest';
import {
  type CabPlace,
  cabBands,
  linesIn,
  maskedLines,
  maskedSample,
  uprightBox,
} from '../../../src/core/scan/cab.ts';
import type { InspectionUnit, NiiScan, View } from '../../../src/core/scan/scan.ts';
import type { Turn } from '../../../src/core/scan/turn.ts';
import { orient } from '../../../src/format/orient.ts';
import { channelOf } from '../../support/scan.ts';

const turns: readonly Turn[] = [false, true].flatMap((flipRows) =>
  ([0, 90, 180, 270] as const).flatMap((rotate) =>
    [false, true].map((flipColumns) => ({ flipRows, rotate, flipColumns })),
  ),
);

const sides = { rows: 6, columns: 10 };

function viewOf(id: string, display: Turn, size = sides): View {
  return { id, display, channels: [channelOf({ id: 'high', ...size })] };
}

function cab(view: string, axis: 'rows' | 'columns', from: number, to: number): InspectionUnit {
  const extent = { view, axis, from, to };
  return { id: `cab-${from}`, kind: 'cab', extent, containers: [], plates: [], declarations: [], seals: [] };
}

const scanOf = (views: readonly View[], units: readonly InspectionUnit[] = []) =>
  ({ views: [...views], units: [...units] }) satisfies Pick<NiiScan, 'views' | 'units'>;

/** The stored picture with its masked lines white, turned upright by what turns previews. */
function uprightMask(view: View, bands: ReturnType<typeof cabBands>) {
  const bytes = new Uint8Array(sides.rows * sides.columns);
  for (const { axis, from, to } of maskedLines(bands, view.id, { ...sides, samplesPerPixel: 1 }))
    for (let row = 0; row < sides.rows; row += 1)
      for (let column = 0; column < sides.columns; column += 1) {
        const line = axis === 'rows' ? row : column;
        if (line >= from && line < to) bytes[row * sides.columns + column] = 255;
      }
  return orient({ ...sides, channels: 1, bytes }, view.display);
}

function whiteColumns({ rows, columns, bytes }: ReturnType<typeof uprightMask>): readonly boolean[] {
  return Array.from({ length: columns }, (_, column) => {
    const inColumn = Array.from({ length: rows }, (__, row) => bytes[row * columns + column] === 255);
    expect(new Set(inColumn).size).toBe(1);
    return inColumn[0] === true;
  });
}

describe.each(turns)('of a picture that is turned by %o', (display) => {
  test.each<CabPlace>([
    { side: 'left', share: 0.25 },
    { side: 'right', share: 0.25 },
  ])('what is said of the scanner masks whole columns of the upright picture from its side: %o', (place) => {
    const view = viewOf('side', display);
    const picture = uprightMask(view, cabBands(scanOf([view]), place));
    const masked = Math.ceil(0.25 * picture.columns);
    const fromLeft = Array.from({ length: picture.columns }, (_, column) => column < masked);
    expect(whiteColumns(picture)).toEqual(place.side === 'left' ? fromLeft : fromLeft.toReversed());
  });

  test('the box of the upright picture is the part that the stored lines become', () => {
    const view = viewOf('side', display);
    const [band] = cabBands(scanOf([view], [cab('side', 'columns', 1, 4)]), undefined);
    if (band === undefined) throw new Error('the record says where the cab is');
    const picture = uprightMask(view, [band]);
    const box = uprightBox(linesIn(band, sides), sides.columns, display, picture);
    const inBox = Uint8Array.from({ length: picture.bytes.length }, (_, i) => {
      const [row, column] = [Math.floor(i / picture.columns), i % picture.columns];
      const isIn = row >= box.rowFrom && row < box.rowTo && column >= box.columnFrom && column < box.columnTo;
      return isIn ? 255 : 0;
    });
    expect(inBox).toEqual(picture.bytes);
  });
});

const straight: Turn = { flipRows: false, rotate: 0, flipColumns: false };
const mirrored: Turn = { flipRows: false, rotate: 0, flipColumns: true };

describe('where the cab is', () => {
  test('nothing is masked where neither the record nor the scanner says it', () => {
    const units = [{ ...cab('side', 'columns', 0, 3), kind: 'tractor' as const }];
    expect(cabBands(scanOf([viewOf('side', straight)], units), undefined)).toEqual([]);
  });

  test('the record counts more than what is said of the scanner', () => {
    const units = [cab('side', 'columns', 2, 4)];
    expect(cabBands(scanOf([viewOf('side', straight)], units), { side: 'right', share: 0.5 })).toEqual([
      { view: 'side', axis: 'columns', from: 2, to: 4, of: 10 },
    ]);
  });

  test('a view of which nothing is said takes the share of another view, as it lies upright', () => {
    const views = [viewOf('side', straight), viewOf('top', mirrored, { rows: 4, columns: 20 })];
    expect(cabBands(scanOf(views, [cab('side', 'columns', 0, 3)]), undefined)).toEqual([
      { view: 'side', axis: 'columns', from: 0, to: 3, of: 10 },
      { view: 'top', axis: 'columns', from: 14, to: 20, of: 20 },
    ]);
  });

  test('a channel with other sides takes the same share in whole lines', () => {
    const band = { view: 'side', axis: 'columns', from: 1, to: 4, of: 10 } as const;
    expect(linesIn(band, { rows: 3, columns: 5 })).toEqual({ axis: 'columns', from: 0, to: 2 });
    expect(linesIn(band, { rows: 3, columns: 7 })).toEqual({ axis: 'columns', from: 0, to: 3 });
    expect(linesIn(band, { rows: 3, columns: 1000 })).toEqual({ axis: 'columns', from: 100, to: 400 });
  });

  test('an extent beyond the picture is cut to it', () => {
    const view = viewOf('side', straight);
    expect(cabBands(scanOf([view], [cab('side', 'columns', 8, 99)]), undefined)).toMatchObject([
      { from: 8, to: 10 },
    ]);
    expect(cabBands(scanOf([view], [cab('side', 'columns', 98, 99)]), undefined)).toEqual([]);
  });

  test('pixels that share their chroma are masked together', () => {
    const bands = [{ view: 'side', axis: 'columns', from: 1, to: 3, of: 10 }] as const;
    expect(maskedLines(bands, 'side', { ...sides, samplesPerPixel: 2 })).toEqual([
      { axis: 'columns', from: 0, to: 4 },
    ]);
  });
});

test('a masked sample is the open beam, which is no dead line and no goods', () => {
  const { openBeam: _, ...unstated } = channelOf();
  expect(maskedSample({ ...unstated, openBeam: 50_000 })).toBe(50_000);
  expect(maskedSample({ ...unstated, openBeam: 1e9 })).toBe(65_535);
  expect(maskedSample(unstated)).toBe(65_535);
  expect(maskedSample({ ...unstated, polarity: 'high-is-opaque' })).toBe(0);
});
