import { describe, expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/run.ts';
import { placeTwoContainers } from '../../../src/convert/two-containers.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { planesInMemory } from '../../../src/core/scan/plane-source.ts';
import type { InspectionUnit, NiiScan, View } from '../../../src/core/scan/scan.ts';
import { displayRaster, sampleAt } from '../../../src/infer/raster.ts';
import { nuctechFs6000Files, numpyFiles, type SimulatedScan } from '../../../src/simulate/index.ts';
import { ASE_PITCH_MM, aseFiles } from '../../../src/simulate/layouts/ase.ts';
import { simulateScan } from '../../../src/simulate/scan.ts';
import { channelOf, unitOf, viewOf } from '../../support/infer/scans.ts';
import {
  converterOf,
  type NamedBytes,
  onlyGroup,
  stage,
  temporaryFolder,
  toConvert,
} from '../../support/staging.ts';
import { oneContainer, twoContainers } from '../../support/two-containers.ts';

/** Coarse, so that the sample is quick; `lab/measure/containers.ts` measures 400 trucks from 5 mm up. */
const SAMPLE_PITCH_MM = 18;
const folder = temporaryFolder();
const coarse = simulateScan({ seed: 21, pitchMm: 25, container: '2x20ft' });
const fine = simulateScan({ seed: 22, pitchMm: ASE_PITCH_MM, container: '2x20ft', gapMm: 400 });

async function convert(files: readonly NamedBytes[]): Promise<NiiScan> {
  const group = onlyGroup(stage(folder, files));
  const { scan } = await runInProcess({
    converter: converterOf(group),
    files: toConvert(group),
    limits: defaultLimits,
  });
  return scan;
}

/** Where two containers meet in the simulated picture. */
function middleOf({ units }: SimulatedScan): number {
  return ((units[0]?.columns.to ?? 0) + (units[1]?.columns.from ?? 0)) / 2;
}

function containers(...values: readonly string[]): InspectionUnit['containers'] {
  return values.map((value) => ({ value, state: 'valid', source: 'manifest' }));
}

const [one = '', other = ''] = coarse.units.map(({ container }) => container);
const bytes = new Uint8Array(coarse.high.buffer, coarse.high.byteOffset, coarse.high.byteLength);

function place(units: readonly InspectionUnit[], view: View = viewOf([coarseChannel()]), plane = bytes) {
  return placeTwoContainers(units, [view], planesInMemory(new Map([['side-high', plane]])));
}

function coarseChannel() {
  return channelOf(coarse.rows, coarse.columns, { openBeam: coarse.openBeam.high });
}

describe('two containers on one truck', () => {
  it.each([1, 2, 3, 4, 5, 6])('are found by the gap between them (truck %i)', (seed) => {
    const { error, overUncertainty } = twoContainers(seed, SAMPLE_PITCH_MM);
    expect(error).toBeLessThan(0.02);
    expect(overUncertainty).toBeLessThanOrEqual(1);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    'are not seen in one container, whatever gap its load has (truck %i)',
    (seed) => {
      expect(oneContainer(seed, SAMPLE_PITCH_MM).isSplit).toBe(false);
    },
  );

  const { units: _, ...sidecar } = JSON.parse(
    new TextDecoder().decode(numpyFiles(coarse, 'p3')[1]?.bytes),
  ) as Record<string, unknown>;
  const withoutPlaces = [
    numpyFiles(coarse, 'p3')[0]!,
    { name: 'p3.json', bytes: new TextEncoder().encode(JSON.stringify(sidecar)) },
  ];

  it.each([
    ['nuctech-fs6000', coarse, nuctechFs6000Files(coarse, 'p1'), 'columns'],
    ['ase, a quarter turn', fine, aseFiles(fine, 'p2'), 'rows'],
    ['numpy without places', coarse, withoutPlaces, 'columns'],
  ] as const)('each have their part of the picture in the layout %s', async (_layout, truck, files, axis) => {
    const scan = await convert(files);
    expect(scan.units.map((unit) => unit.containers.map(({ value }) => value))).toEqual(
      truck.units.map(({ container }) => [container]),
    );
    const [left, right] = scan.units.map(({ extent }) => extent!);
    expect(left).toMatchObject({ axis, from: 0 });
    expect(right).toMatchObject({ axis, from: left!.to, to: truck.columns });
    const { uncertainty } = left!.estimated!;
    expect(Math.abs(left!.to - middleOf(truck))).toBeLessThanOrEqual(uncertainty);
    expect(uncertainty).toBeLessThan(truck.columns * 0.05);
    expect(scan.warnings.map(({ code }) => code)).toContain('NII_W_CONTAINERS_FOUND');
  });

  it('whose places the file states keep them', async () => {
    const scan = await convert(numpyFiles(coarse, 'p4'));
    expect(scan.units.map(({ extent }) => extent?.estimated)).toEqual([undefined, undefined]);
    expect(scan.units.map(({ extent }) => extent?.to)).toEqual(coarse.units.map(({ columns }) => columns.to));
  });

  it('are the left and the right one of the upright picture, whatever way it is stored', () => {
    for (const flipRows of [false, true]) {
      for (const flipColumns of [false, true]) {
        for (const rotate of [0, 90, 180, 270] as const) {
          const isTurned = rotate === 90 || rotate === 270;
          const [rows, columns] = isTurned ? [coarse.columns, coarse.rows] : [coarse.rows, coarse.columns];
          const rule = { flipRows, rotate, flipColumns };
          const raster = displayRaster(rows, columns, rule);
          const stored = new Uint16Array(coarse.high.length);
          coarse.high.forEach((value, i) => {
            stored[sampleAt(raster, Math.floor(i / coarse.columns), i % coarse.columns)] = value;
          });
          const view = viewOf([channelOf(rows, columns)], rule);
          const numbered = [one, other].map((value) => ({
            ...unitOf(value.toLowerCase()),
            containers: containers(value),
          }));
          const { units } = place(numbered, view, new Uint8Array(stored.buffer));
          const [left] = units;
          const end = sampleAt(raster, 0, Math.round(middleOf(coarse)));
          const line = isTurned ? Math.floor(end / columns) : end % columns;
          const { from, to, axis } = left!.extent!;
          const meets = from === 0 ? to : from;
          expect(axis).toBe(isTurned ? 'rows' : 'columns');
          expect(Math.abs(meets - line)).toBeLessThanOrEqual(left!.extent!.estimated!.uncertainty + 1);
          const first = sampleAt(raster, 0, 2);
          const firstLine = isTurned ? Math.floor(first / columns) : first % columns;
          expect(from <= firstLine && firstLine < to).toBe(true);
        }
      }
    }
  });

  it('in one unit become two units, which share what the file says of the truck', () => {
    const truck = { ...unitOf('truck'), containers: containers(one, other), plates: ['AB 1'] };
    const { units } = place([unitOf('cab'), truck]);
    expect(
      units.map(({ id, containers: numbers, plates }) => [id, numbers.map(({ value }) => value), plates]),
    ).toEqual([
      ['cab', [], []],
      ['truck', [one], ['AB 1']],
      ['truck-2', [other], ['AB 1']],
    ]);
    expect(units.map(({ extent }) => extent?.estimated !== undefined)).toEqual([false, true, true]);
  });

  it.each([
    ['one number', [{ ...unitOf('u1'), containers: containers('CSQU3054383') }]],
    [
      'two readings of one number',
      [{ ...unitOf('u1'), containers: containers('CSQU3054383', 'CSOU3054383') }],
    ],
    [
      'three numbers',
      ['AAAU1234567', 'BBBU7654321', 'CCCU1111111'].map((value) => ({
        ...unitOf(value),
        containers: containers(value),
      })),
    ],
    [
      'a place of one of them',
      ['AAAU1234567', 'BBBU7654321'].map((value) => ({
        ...unitOf(value, { from: 0, to: 9 }),
        containers: containers(value),
      })),
    ],
  ])('are not made where the file states %s', (_, units) => {
    expect(place(units)).toEqual({ units, warnings: [] });
  });
});
