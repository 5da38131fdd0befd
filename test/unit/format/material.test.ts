import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { planeInMemory } from '../../../src/core/scan/plane-source.ts';
import type { Turn } from '../../../src/core/scan/turn.ts';
import { renderMaterial } from '../../../src/format/material.ts';
import { orient } from '../../../src/format/orient.ts';
import { renderPreview } from '../../../src/format/preview.ts';
import { classPicture, slabAt, slabPicture, slabs, type ViewWithSamples } from '../../support/page/slabs.ts';
import { scanOf } from '../../support/scan.ts';

const rows = 90;
const columns = 110;
const noTurn: Turn = { flipRows: false, rotate: 0, flipColumns: false };

function bytesOf({ samples }: ViewWithSamples): ReadonlyMap<string, Uint8Array> {
  return new Map(
    [...samples].map(([id, { buffer, byteOffset, byteLength }]) => [
      id,
      new Uint8Array(buffer, byteOffset, byteLength),
    ]),
  );
}

async function materialOf(picture: ViewWithSamples, display: Turn = noTurn) {
  const planes = new Map([...bytesOf(picture)].map(([id, bytes]) => [id, planeInMemory(bytes)]));
  const png = await renderMaterial({ ...picture.view, display }, planes);
  if (typeof png === 'string') return png;
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  return { rows: info.height, columns: info.width, channels: 3 as const, bytes: new Uint8Array(data) };
}

async function drawn(picture: ViewWithSamples, display?: Turn) {
  const found = await materialOf(picture, display);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

/** Mean red, green and blue of one slab, where something is left to see of it. */
function colourOf({ bytes }: { readonly bytes: Uint8Array }, slab: number): readonly number[] {
  const sums = [0, 0, 0];
  for (let row = 15; row < 45; row++) {
    for (let column = 3; column < columns - 3; column++) {
      if (slabAt(column - 3, columns) !== slab || slabAt(column + 3, columns) !== slab) continue;
      for (const i of [0, 1, 2]) sums[i] = (sums[i] ?? 0) + (bytes[(row * columns + column) * 3 + i] ?? 0);
    }
  }
  return sums;
}

test('a masked part is one grey in material colours, and the rest stays as it was', async () => {
  const picture = slabPicture({ rows, columns });
  const display: Turn = { flipRows: true, rotate: 0, flipColumns: true };
  const planes = new Map([...bytesOf(picture)].map(([id, bytes]) => [id, planeInMemory(bytes)]));
  const band = { view: picture.view.id, axis: 'columns', from: 0, to: 20, of: columns } as const;
  const png = await renderMaterial({ ...picture.view, display }, planes, [band]);
  const masked = await sharp(typeof png === 'string' ? Buffer.of() : png)
    .raw()
    .toBuffer();
  const whole = await drawn(picture, display);
  for (let row = 0; row < rows; row++) {
    const [from, cab, end] = [row * columns, (row + 1) * columns - 20, (row + 1) * columns].map(
      (at) => at * 3,
    );
    expect(new Set(masked.subarray(cab, end))).toEqual(new Set([128]));
    expect(masked.subarray(from, cab).equals(whole.bytes.subarray(from, cab))).toBe(true);
  }
});

describe('a preview in material colours', () => {
  test.each([
    ['from high and low energy', slabPicture({ rows, columns })],
    ["by the scanner's own class map", classPicture(rows, columns)],
  ])('%s shows organic goods orange, light metal green and metal blue', async (_, picture) => {
    const found = await drawn(picture);
    const [organic = [], light = [], metal = []] = slabs.map((_slab, i) => colourOf(found, i));
    expect(organic[0]).toBeGreaterThan(organic[1] ?? 0);
    expect(organic[1]).toBeGreaterThan(organic[2] ?? 0);
    expect(light[1]).toBe(Math.max(...light));
    expect(metal[2]).toBe(Math.max(...metal));
  });

  test.each(
    [false, true].flatMap((flipRows) => ([0, 90, 180, 270] as const).map((rotate) => ({ flipRows, rotate }))),
  )('is upright and as large as the preview, of a view shown by %o', async (turn) => {
    const picture = slabPicture({ rows, columns });
    const display = { ...turn, flipColumns: false };
    const found = await drawn(picture, display);
    expect(Buffer.compare(found.bytes, orient(await drawn(picture), display).bytes)).toBe(0);
    const scan = { ...scanOf([]), views: [{ ...picture.view, display }] };
    const planes = new Map([...bytesOf(picture)].map(([id, bytes]) => [`${picture.view.id}-${id}`, bytes]));
    const { preview } = (await renderPreview({ scan, planes })) ?? {};
    const { width, height } = await sharp(preview).metadata();
    expect([found.rows, found.columns]).toEqual([height, width]);
  });

  test('is none where the beams are not known and the scan has nothing in it', async () => {
    const { view, samples } = slabPicture({ rows, columns });
    const channels = view.channels.map(({ nominalEnergyMev: _, ...rest }) => rest);
    const empty = new Map([...samples].map(([id, one]) => [id, new Uint16Array(one.length).fill(50_000)]));
    expect(await materialOf({ view: { ...view, channels }, samples: empty })).toBe('no-calibration');
  });
});
