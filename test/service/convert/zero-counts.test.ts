import { describe, expect, test } from 'vitest';
import { parseNpyHeader } from '../../../src/codec/npy.ts';
import { runInProcess } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { planeInMemory, planesInMemory } from '../../../src/core/scan/plane-source.ts';
import { type Channel, channelsOf, type ScanWithPlanes } from '../../../src/core/scan/scan.ts';
import { encodeDxParts } from '../../../src/format/dicos/parts.ts';
import { tensorSteps } from '../../../src/infer/tensor.ts';
import { atOnce } from '../../../src/infer/turns.ts';
import { aseFiles, nuctechFs6000Files, numpyFiles, type SimulatedScan } from '../../../src/simulate/index.ts';
import { ASE_PITCH_MM } from '../../../src/simulate/layouts/ase.ts';
import { simulateScan } from '../../../src/simulate/scan.ts';
import { manifestOf } from '../../support/infer/models.ts';
import { railScans } from '../../support/inputs/rail-scans.ts';
import { ids } from '../../support/scan.ts';
import {
  converterOf,
  type NamedBytes,
  onlyGroup,
  stage,
  temporaryFolder,
  toConvert,
} from '../../support/staging.ts';

const folder = temporaryFolder();
const rails = railScans(folder);

/** Counts of the blocks, from left to right. */
const blocks = [0, 1, 30] as const;
const BLOCK = 14;
const DEAD_COLUMN = 5;
const DEAD_ROW = 4;

function convert(files: readonly NamedBytes[]): Promise<ScanWithPlanes> {
  const group = onlyGroup(stage(folder, files));
  return runInProcess({ converter: converterOf(group), files: toConvert(group), limits: defaultLimits });
}

interface Picture {
  readonly rows: number;
  readonly columns: number;
}

/** Where each block lies: side by side in the middle of the upright picture. */
function placesIn({ rows, columns }: Picture) {
  const row = Math.floor(rows / 2);
  return blocks.map((_, i) => ({ row, column: Math.floor(columns / 2) + (i - 1) * 3 * BLOCK }));
}

/** Pastes the blocks, a dead column and a dead row. */
function spoil(picture: Picture, set: (row: number, column: number, counts: number) => void): void {
  for (const [i, { row, column }] of placesIn(picture).entries()) {
    for (let y = row; y < row + BLOCK; y++)
      for (let x = column; x < column + BLOCK; x++) set(y, x, blocks[i] ?? 0);
  }
  for (let row = 0; row < picture.rows; row++) set(row, DEAD_COLUMN, 0);
  for (let column = 0; column < picture.columns; column++) set(DEAD_ROW, column, 0);
}

function truck(pitchMm: number): SimulatedScan {
  const scan = simulateScan({
    seed: 3,
    pitchMm,
    container: '20ft',
    cargo: 'cartons',
    detector: { paddingMm: 0 },
  });
  for (const samples of [scan.high, scan.low])
    spoil(scan, (row, column, counts) => {
      samples[row * scan.columns + column] = counts;
    });
  return scan;
}

const coarse = truck(25);
const fine = truck(ASE_PITCH_MM);

/** Height of the upright picture, for layouts that do not say how large a pixel is. */
const assumedHeightMm = 4600;

/** -ln of the transmission that a model sees, upright, of the channel with the highest energy. */
function logarithms({ scan, planes }: ScanWithPlanes) {
  const manifest = manifestOf(new Uint8Array());
  const input = {
    ...manifest.input,
    channels: [{ kind: 'transmission' as const, energy: 'any' as const }],
    units: 'log' as const,
    invalid: 'neighbour-mean' as const,
    pitchMm: 25,
  };
  const made = atOnce(
    tensorSteps({ scan, planes: planesInMemory(planes) }, { ...manifest, input }, { assumedHeightMm }),
  );
  if ('notAnalysed' in made) throw new Error(made.notAnalysed);
  return atOnce(made.input.columns(0, made.geometry.model.columns));
}

/** What the model sees in the middle of each block, and above them. */
function seenOf(result: ScanWithPlanes, picture: Picture) {
  const image = logarithms(result);
  const at = (row: number, column: number) => {
    const y = Math.floor((row * image.rows) / picture.rows);
    const x = Math.floor((column * image.columns) / picture.columns);
    return image.data[y * image.columns + x] ?? Number.NaN;
  };
  return {
    blocks: placesIn(picture).map(({ row, column }) => at(row + BLOCK / 2, column + BLOCK / 2)),
    around: placesIn(picture).map(({ row, column }) => at(row - BLOCK, column + BLOCK / 2)),
    deadColumn: at(picture.rows / 2, DEAD_COLUMN),
    deadRow: at(DEAD_ROW, picture.columns / 2),
  };
}

function expectDense({ blocks: seen, around, deadColumn, deadRow }: ReturnType<typeof seenOf>): void {
  const [none = 0, one = 0, thirty = 0] = seen;
  expect(none).toBeGreaterThanOrEqual(one);
  expect(one).toBeGreaterThanOrEqual(thirty);
  for (const value of around) expect(thirty - value).toBeGreaterThan(1.5);
  expect(Math.abs(deadColumn)).toBeLessThan(0.5); // filled from the air on both sides
  expect(Math.abs(deadRow)).toBeLessThan(0.5);
}

/** Zeros of the channel in lines that are not dead, counted by a plain loop over the stored samples. */
function zerosAlive({ rows, columns, notMeasured }: Channel, plane: Uint8Array): number {
  const samples = new Uint16Array(plane.slice().buffer);
  const isDead = (ranges: readonly { from: number; to: number }[], line: number) =>
    ranges.some(({ from, to }) => from <= line && line < to);
  let zeros = 0;
  for (let row = 0; row < rows; row++) {
    if (isDead(notMeasured?.rows ?? [], row)) continue;
    for (let column = 0; column < columns; column++) {
      if (samples[row * columns + column] === 0 && !isDead(notMeasured?.columns ?? [], column)) zeros++;
    }
  }
  return zeros;
}

function lines({ notMeasured }: Channel): number {
  return [...(notMeasured?.rows ?? []), ...(notMeasured?.columns ?? [])].reduce(
    (sum, { from, to }) => sum + to - from,
    0,
  );
}

const layouts = [
  ['nuctech-fs6000', coarse, nuctechFs6000Files(coarse, 'z1')],
  ['ase', fine, aseFiles(fine, 'z2')],
  ['ase-three-panel', fine, aseFiles(fine, 'z3', { panels: 3 })],
  ['numpy, which calls 0 invalid', coarse, numpyFiles(coarse, 'z4')],
] as const;

describe('a block without counts', () => {
  test.each(layouts)('in the layout %s is opaque for the record and the model', async (_, picture, files) => {
    const result = await convert(files);
    const projections = channelsOf(result.scan).filter(({ channel }) => channel.kind === 'transmission');
    expect(projections.length).toBeGreaterThan(0);
    for (const { channel, key } of projections) {
      expect(channel.invalidValue).toBeUndefined();
      expect(lines(channel)).toBe(2);
      expect(channel.opaqueSamples).toBe(zerosAlive(channel, result.planes.get(key)!));
      expect(channel.opaqueSamples).toBeGreaterThanOrEqual(BLOCK * BLOCK);
      const dead = result.scan.warnings.find((one) => one.code === 'NII_W_DEAD_ROWS' && one.field === key);
      expect(dead?.value).toBe('1 rows, 1 columns');
    }
    expectDense(seenOf(result, picture));
  });

  test('is the same after a round trip through DICOS', async () => {
    const { scan, planes } = await convert(numpyFiles(coarse, 'z5'));
    const files: NamedBytes[] = [];
    for (const { view, channel, key } of channelsOf(scan)) {
      const plane = planeInMemory(planes.get(key)!);
      const input = { scan, viewId: view.id, channelId: channel.id, plane, ids };
      for await (const { name, bytes } of encodeDxParts(input)) files.push({ name: `${name}.dcs`, bytes });
    }
    const back = await convert(files);
    const sorted = ({ views }: typeof scan) =>
      views.map((view) => ({ ...view, channels: view.channels.toSorted((a, b) => (a.id < b.id ? -1 : 1)) }));
    expect(sorted(back.scan)).toEqual(sorted(scan));
    expectDense(seenOf(back, coarse));
  });

  test.each(rails)('in the rail scan $name is opaque, and its dead rows are filled', async (rail) => {
    const bytes = rail.bytes.slice();
    const { shape, dataOffset } = parseNpyHeader(bytes);
    const [rows = 0, columns = 0] = shape;
    const view = new DataView(bytes.buffer);
    const channels = (['high', 'low'] as const).map((energy) => ({
      id: energy,
      kind: 'transmission',
      energy,
      invalidValue: 0,
    }));
    const pixelPitchMm = { row: rail.pitchMm, column: rail.pitchMm };
    const sidecar = { niiSidecar: '1.0', channels, pixelPitchMm };
    for (const [i, { row, column }] of placesIn({ rows, columns }).entries()) {
      for (let y = row; y < row + BLOCK; y++) {
        for (let x = column; x < column + BLOCK; x++) {
          for (const energy of [0, 1]) {
            view.setUint16(dataOffset + ((y * columns + x) * 2 + energy) * 2, blocks[i] ?? 0, true);
          }
        }
      }
    }
    const result = await convert([
      { name: 'a.npy', bytes },
      { name: 'a.json', bytes: new TextEncoder().encode(JSON.stringify(sidecar)) },
    ]);
    for (const { channel, key } of channelsOf(result.scan)) {
      expect(channel.notMeasured?.rows.at(-1)?.to).toBe(rows);
      expect(channel.opaqueSamples).toBe(zerosAlive(channel, result.planes.get(key)!));
      expect(channel.opaqueSamples).toBeGreaterThanOrEqual(BLOCK * BLOCK);
    }
    const [none = 0, one = 0, thirty = 0] = seenOf(result, { rows, columns }).blocks;
    expect(none).toBeGreaterThanOrEqual(one);
    expect(one).toBeGreaterThanOrEqual(thirty);
    expect(thirty).toBeGreaterThan(5);
  });

  test('lines that the sidecar states as not measured are kept, and must lie in the array', async () => {
    const [array, document] = numpyFiles(coarse, 'z6');
    const stated = (notMeasured: object) => {
      const sidecar = JSON.parse(new TextDecoder().decode(document!.bytes));
      sidecar.channels[0].notMeasured = notMeasured;
      return [array!, { name: 'z6.json', bytes: new TextEncoder().encode(JSON.stringify(sidecar)) }];
    };
    const { scan } = await convert(stated({ rows: [{ from: 5, to: 6 }], columns: [] }));
    expect(scan.views[0]?.channels[0]?.notMeasured).toEqual({
      rows: [{ from: DEAD_ROW, to: 6 }],
      columns: [{ from: DEAD_COLUMN, to: DEAD_COLUMN + 1 }],
    });
    await expect(convert(stated({ rows: [{ from: 5, to: 5000 }], columns: [] }))).rejects.toThrow(
      expect.objectContaining({ code: 'NII_MALFORMED' }),
    );
  });
});
