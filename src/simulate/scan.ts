import { NiiError } from '../core/errors.ts';
import { type CargoKind, cargoes } from './cargo/index.ts';
import { acquisitionTime, containerNumber } from './numbers.ts';
import type { SimulateOptions } from './options.ts';
import { arrivingAt, count, type Detector, drawDetector } from './physics/detector.ts';
import { classifyMaterial } from './physics/material-map.ts';
import { type Transmission, transmit } from './physics/physics.ts';
import { Random } from './random.ts';
import { type AnomalyKind, anomalyKinds } from './scene/anomalies.ts';
import type { Grid } from './scene/canvas.ts';
import { buildScene, type Scene } from './scene/scene.ts';

/** End exclusive. */
export interface PixelBox {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export interface SimulatedUnit {
  /** Valid by ISO 6346, of an owner that does not exist. */
  readonly container: string;
  readonly cargo: CargoKind;
  readonly goods: string;
  /** End exclusive. */
  readonly columns: { readonly from: number; readonly to: number };
}

/** Samples are row-major, row 0 at the top, air above; 0 is a sample that was not measured. */
export interface SimulatedScan extends Grid {
  readonly seed: number;
  readonly openBeam: { readonly high: number; readonly low: number };
  readonly high: Uint16Array;
  readonly low: Uint16Array;
  /** Class bytes, divided as material-map.ts says. */
  readonly material: Uint8Array;
  /** 0, or the kind of the anomaly by its place in `anomalyKinds`, from 1. */
  readonly mask: Uint8Array;
  readonly units: readonly SimulatedUnit[];
  readonly anomalies: readonly { readonly kind: AnomalyKind; readonly box: PixelBox }[];
  /** RFC 3339, UTC, drawn from the seed. */
  readonly acquired: string;
  readonly description: string;
}

/** What a scan measured, without its class map. */
export type SimulatedChannels = Omit<SimulatedScan, 'material'>;

/** What arrives at the detectors before it is counted: no noise, no failures, no rounding. */
export type Arriving = Transmission & { readonly detector: Detector };

/** One scan of one truck. NII_BAD_REQUEST for options out of range or an anomaly the cargo has no place for. */
export function simulateScan(options: SimulateOptions): SimulatedScan {
  const scan = simulateChannels(options);
  return { ...scan, material: classifyMaterial(scan, scan.high, scan.low, scan.openBeam) };
}

/** As `simulateScan`, without the class map, which takes a quarter of the time. */
export function simulateChannels(options: SimulateOptions): SimulatedChannels {
  return simulateMeasured(options).scan;
}

/** A scan, and what arrived at its detectors. */
export function simulateMeasured(options: SimulateOptions): {
  readonly scan: SimulatedChannels;
  readonly arriving: Arriving;
} {
  const { scene, arriving } = exposed(options);
  const { seed, pitchMm } = options;
  const { grid } = scene.canvas;
  const { openBeam } = arriving.detector;
  const { rows, columns } = grid;
  const { high, low } = count(seed, grid, arriving, arriving.detector);
  const scan = { seed, rows, columns, pitchMm, openBeam, high, low, ...described(options, scene) };
  return { scan, arriving };
}

/** What arrives at the detectors of such a scan. */
export function simulateArriving(options: SimulateOptions): Arriving {
  return exposed(options).arriving;
}

function exposed(options: SimulateOptions): { readonly scene: Scene; readonly arriving: Arriving } {
  checkOptions(options);
  const scene = buildScene(options);
  const detector = detectorOf(options);
  return {
    scene,
    arriving: { ...arrivingAt(scene.canvas.grid, transmissionOf(scene), detector), detector },
  };
}

function detectorOf({ seed, detector }: SimulateOptions): Detector {
  return { ...drawDetector(new Random(seed, 'scanner')), ...detector };
}

/** As the detectors see the scene, turned round where the truck faces right. */
function transmissionOf({ canvas, mirrored }: Scene): Transmission {
  const { grid } = canvas;
  const { high, low } = transmit(canvas.planes(), grid.rows * grid.columns);
  return mirrored ? { high: mirror(high, grid), low: mirror(low, grid) } : { high, low };
}

function described(options: SimulateOptions, scene: Scene) {
  const { canvas, mirrored } = scene;
  const numbers = new Random(options.seed, 'numbers');
  const units = scene.units.map(({ cargo, box }): SimulatedUnit => {
    const from = Math.round(box.x / canvas.grid.pitchMm);
    const to = Math.round((box.x + box.width) / canvas.grid.pitchMm);
    const columns = mirrored
      ? { from: canvas.grid.columns - to, to: canvas.grid.columns - from }
      : { from, to };
    return { container: containerNumber(numbers), cargo, goods: cargoes[cargo].goods, columns };
  });
  const mask = mirrored ? mirror(scene.mask, canvas.grid) : scene.mask;
  return {
    mask,
    units: units.sort((a, b) => a.columns.from - b.columns.from),
    anomalies: scene.anomalies.map(({ kind, pixels }) => ({
      kind,
      box: boxOf(pixels, canvas.grid, mirrored),
    })),
    acquired: acquisitionTime(options.seed),
    description: units.map(({ goods }) => goods).join(', '),
  };
}

function mirror<T extends Float32Array | Uint8Array>(image: T, { rows, columns }: Grid): T {
  for (let row = 0; row < rows; row++) image.subarray(row * columns, (row + 1) * columns).reverse();
  return image;
}

function boxOf(pixels: ReadonlySet<number>, { columns }: Grid, mirrored: boolean): PixelBox {
  let box = { top: Infinity, left: Infinity, bottom: 0, right: 0 };
  for (const pixel of pixels) {
    const row = Math.floor(pixel / columns);
    const column = mirrored ? columns - 1 - (pixel % columns) : pixel % columns;
    box = {
      top: Math.min(box.top, row),
      left: Math.min(box.left, column),
      bottom: Math.max(box.bottom, row + 1),
      right: Math.max(box.right, column + 1),
    };
  }
  return box;
}

function checkOptions({ seed, pitchMm, gapMm = 0, loadGapMm = 0, anomalies = [] }: SimulateOptions): void {
  const invalid = (field: string, detail: string) => new NiiError('NII_BAD_REQUEST', { detail, field });
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
    throw invalid('seed', 'Invalid seed: use a whole number from 0 to 4294967295');
  if (!(pitchMm >= 2 && pitchMm <= 40)) throw invalid('pitchMm', 'Invalid pitch: use 2 to 40 mm');
  for (const [field, value] of Object.entries({ gapMm, loadGapMm })) {
    if (!(value >= 0 && value <= 3000)) throw invalid(field, `Invalid ${field} ${value}: use 0 to 3000 mm`);
  }
  for (const anomaly of anomalies) {
    const kind = typeof anomaly === 'string' ? anomaly : anomaly.kind;
    if (!anomalyKinds.includes(kind)) throw invalid('anomalies', `Anomalies are: ${anomalyKinds.join(', ')}`);
  }
}
