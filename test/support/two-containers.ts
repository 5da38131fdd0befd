import { surveyPlanes } from '../../src/convert/plane-warnings.ts';
import { placeTwoContainers } from '../../src/convert/two-containers.ts';
import { planesInMemory } from '../../src/core/scan/plane-source.ts';
import { type InspectionUnit, planeKey } from '../../src/core/scan/scan.ts';
import { Random } from '../../src/simulate/random.ts';
import { simulateChannels } from '../../src/simulate/scan.ts';
import { channelOf, viewOf } from './infer/scans.ts';

/** What one truck became. */
interface TruckResult {
  readonly seed: number;
  readonly pitchMm: number;
  /** Absent for one container. */
  readonly gapMm?: number;
  readonly isSplit: boolean;
  /** Between the middle of the gap and where the units meet, as a share of the width of the picture. */
  readonly error?: number;
  /** The same in columns, over the uncertainty that the record states. */
  readonly overUncertainty?: number;
}

const numbers = ['CSQU3054383', 'MSKU6011677'];

function numbered(value: string, i: number): InspectionUnit {
  return {
    id: `unit-${i + 1}`,
    kind: 'container',
    containers: [{ value, state: 'valid', source: 'manifest' }],
    plates: [],
    declarations: [],
    seals: [],
  };
}

/** A truck with two containers of 20 feet and a gap that the seed draws, down to that of twist locks. */
export function twoContainers(seed: number, finestPitchMm = 5): TruckResult {
  const random = new Random(seed, 'two containers');
  const pitchMm = random.between(finestPitchMm, 25);
  const gapMm = random.chance(0.4) ? 76 : random.between(76, 800);
  return place(seed, pitchMm, { container: '2x20ft', gapMm }, gapMm);
}

/** A truck with one container, half of them with an empty band in their load; two numbers are stated all the same. */
export function oneContainer(seed: number, finestPitchMm = 5): TruckResult {
  const random = new Random(seed, 'one container');
  const pitchMm = random.between(finestPitchMm, 25);
  const loadGapMm = random.chance(0.5) ? random.between(100, 1000) : 0;
  const container = random.chance(0.75) ? '40ft' : '20ft';
  return place(seed, pitchMm, { container, loadGapMm }, undefined);
}

function place(
  seed: number,
  pitchMm: number,
  options: Partial<Parameters<typeof simulateChannels>[0]>,
  gapMm: number | undefined,
): TruckResult {
  const scan = simulateChannels({ seed, pitchMm, ...options });
  const view = viewOf([channelOf(scan.rows, scan.columns, { openBeam: scan.openBeam.high })]);
  const samples = new Uint8Array(scan.high.buffer, scan.high.byteOffset, scan.high.byteLength);
  const planes = planesInMemory(new Map([[planeKey('side', 'high'), samples]]));
  const { views } = surveyPlanes([view], planes);
  const { units } = placeTwoContainers(numbers.map(numbered), views, planes);
  const [left] = units;
  const found = { seed, pitchMm, isSplit: left?.extent !== undefined };
  if (gapMm === undefined) return found;
  const [first, second] = scan.units;
  if (left?.extent?.estimated === undefined) return { ...found, gapMm };
  const middle = ((first?.columns.to ?? 0) + (second?.columns.from ?? 0)) / 2;
  const off = Math.abs(left.extent.to - middle);
  return {
    ...found,
    gapMm,
    error: off / scan.columns,
    overUncertainty: off / left.extent.estimated.uncertainty,
  };
}
