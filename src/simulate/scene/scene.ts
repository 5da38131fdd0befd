import { NiiError } from '../../core/errors.ts';
import { type CargoKind, cargoes, cargoKinds, isRegular } from '../cargo/index.ts';
import type { ContainerChoice, SimulateOptions } from '../options.ts';
import { unevenness } from '../physics/fields.ts';
import { Random } from '../random.ts';
import {
  type AnomalyKind,
  type ChangedPixels,
  changedBy,
  insertAnomaly,
  maskValue,
  noPlace,
  takeUnitAway,
} from './anomalies.ts';
import { Canvas } from './canvas.ts';
import { type Container, containerLengthMm, containerParts, placeContainer } from './container.ts';
import type { Part, Rect } from './shapes.ts';
import { chassisParts, TRACTOR_LENGTH_MM, tractorParts } from './truck.ts';
import { type FanBeam, projectPart } from './view.ts';
import { planWagon, SHORTEST_WAGON_MM } from './wagon.ts';

export interface Scene {
  readonly canvas: Canvas;
  readonly units: readonly { readonly box: Rect; readonly cargo: CargoKind }[];
  readonly mask: Uint8Array;
  readonly anomalies: readonly { readonly kind: AnomalyKind; readonly pixels: ChangedPixels }[];
  /** The truck faces right: the picture is to be turned round. */
  readonly mirrored: boolean;
}

/** The beam covers this height above the ground, mm. */
export const SCENE_HEIGHT_MM = 4600;
const GAP_BETWEEN_CONTAINERS_MM = 76;
const LONGEST_WAGON_MM = 17_500;

/** What stands in the beam, and how long the scan is. */
export interface Plan {
  readonly lengthMm: number;
  readonly containers: readonly Container[];
  readonly parts: readonly Part[];
}

/** Everything in the beam, as areal densities: a truck, unless the options or another plan say otherwise. */
export function buildScene(options: SimulateOptions, planOf?: (random: Random) => Plan): Scene {
  const random = new Random(options.seed, 'scene');
  const choice = options.container ?? random.pick(['20ft', '20ft', '40ft', '40ft', '2x20ft'] as const);
  const tractor = options.tractor ?? random.chance(0.25);
  const beam: FanBeam = {
    sourceHeightMm: random.between(1100, 1600),
    spread: random.between(0.05, 0.09),
  };
  const mirrored = random.chance(0.5);
  const plan = planOf?.(random) ?? planVehicle(random, choice, tractor, options);
  const { pitchMm } = options;
  const grid = {
    rows: Math.round(SCENE_HEIGHT_MM / pitchMm),
    columns: Math.round(plan.lengthMm / pitchMm),
    pitchMm,
  };
  const canvas = new Canvas(grid);
  const loaded = loadAll(options, plan.containers, canvas, beam);
  canvas.add(plan.parts.map((part) => projectPart(beam, part)));
  return { canvas, mirrored, ...loaded };
}

function planVehicle(
  random: Random,
  choice: ContainerChoice,
  tractor: boolean,
  { vehicle, gapMm }: SimulateOptions,
): Plan {
  return vehicle === 'wagon'
    ? planWagon(random, random.between(SHORTEST_WAGON_MM, LONGEST_WAGON_MM))
    : planTruck(random, choice, tractor, gapMm);
}

function planTruck(
  random: Random,
  choice: ContainerChoice,
  tractor: boolean,
  gapMm = GAP_BETWEEN_CONTAINERS_MM,
): Plan {
  const before = random.between(250, 600) + (tractor ? TRACTOR_LENGTH_MM - 2100 : 0);
  const deck = random.between(1180, 1290);
  const sizes = choice === '2x20ft' ? (['20ft', '20ft'] as const) : ([choice] as const);
  const containers: Container[] = [];
  let x = before;
  for (const size of sizes) {
    containers.push(placeContainer(random, size, x, deck));
    x += containerLengthMm[size] + gapMm;
  }
  const end = x - gapMm;
  const parts = [
    ...chassisParts(random, before, end - before, deck),
    ...containers.flatMap((container) => containerParts(random, container)),
    ...(tractor ? tractorParts(random, before - TRACTOR_LENGTH_MM + 2300) : []),
  ];
  return { lengthMm: end + random.between(250, 600), containers, parts };
}

function loadAll(options: SimulateOptions, containers: readonly Container[], canvas: Canvas, beam: FanBeam) {
  const mask = new Uint8Array(canvas.grid.rows * canvas.grid.columns);
  const anomalies: { kind: AnomalyKind; pixels: ChangedPixels }[] = [];
  const units = containers.map((container, index) => {
    const cargo = cargoOf(options, index);
    const own = new Canvas(canvas.grid);
    for (const found of loadOne(options, container, index, cargo, { canvas: own, beam })) {
      for (const pixel of found.pixels) mask[pixel] = maskValue(found.kind);
      anomalies.push(found);
    }
    canvas.merge(own);
    return { box: container.box, cargo };
  });
  return { units, mask, anomalies };
}

function cargoOf({ seed, cargo }: SimulateOptions, index: number): CargoKind {
  const asked = typeof cargo === 'string' ? cargo : cargo?.[index];
  if (asked !== undefined && !Object.hasOwn(cargoes, asked))
    throw new NiiError('NII_BAD_REQUEST', {
      detail: `Invalid cargo: use ${cargoKinds.join(', ')}`,
      field: 'cargo',
    });
  return asked ?? new Random(seed, `cargo ${index}`).pick(cargoKinds);
}

interface Ground {
  readonly canvas: Canvas;
  readonly beam: FanBeam;
}

/** The cargo of one container with what is hidden in it. The hidden has a random stream of its own, so that the
 * same seed without anomalies shows the same load. */
function loadOne(
  options: SimulateOptions,
  { hold }: Container,
  index: number,
  cargoKind: CargoKind,
  { canvas, beam }: Ground,
) {
  const random = new Random(options.seed, `load ${index}`);
  const hiding = new Random(options.seed, `hidden ${index}`);
  const wanted = anomaliesFor(options, index);
  let cargo = withGap(cargoes[cargoKind].load(random, hold), hold, options.loadGapMm ?? 0);
  const found: { kind: AnomalyKind; pixels: ChangedPixels }[] = [];
  for (const kind of wanted.filter((kind) => kind === 'missing-unit')) {
    if (!isRegular(cargoKind)) throw noPlace(kind);
    const { kept, removed } = takeUnitAway(hiding, cargo);
    cargo = kept;
    found.push({
      kind,
      pixels: changedBy(
        canvas,
        removed.map((part) => projectPart(beam, part)),
      ),
    });
  }
  canvas.add(cargo.map((part) => projectPart(beam, part)));
  canvas.scale(unevenness(random, canvas.grid, random.between(90, 320), random.between(0.01, 0.06)));
  for (const kind of wanted) {
    if (kind === 'missing-unit') continue;
    found.push({ kind, pixels: insertAnomaly(hiding, { canvas, beam, hold, cargo }, kind) });
  }
  return found;
}

/** The load without what reaches into a band across its middle. */
function withGap(load: readonly Part[], hold: Rect, gapMm: number): readonly Part[] {
  if (gapMm === 0) return load;
  const middle = hold.x + hold.width / 2;
  return load.filter(({ box }) => Math.abs(box.x + box.width / 2 - middle) >= (box.width + gapMm) / 2);
}

function anomaliesFor({ anomalies = [] }: SimulateOptions, index: number): AnomalyKind[] {
  return anomalies
    .map((anomaly) => (typeof anomaly === 'string' ? { kind: anomaly, container: 0 } : anomaly))
    .filter(({ container }) => container === index)
    .map(({ kind }) => kind);
}
