import { npyHead } from '../codec/npy.ts';
import { NiiError } from '../core/errors.ts';
import { type CargoKind, cargoes, cargoKinds } from './cargo/index.ts';
import { interleaved, sidecarHead } from './layouts/numpy.ts';
import { acquisitionTime, containerNumber, wagonNumber } from './numbers.ts';
import { type Detector, detect, drawDetector } from './physics/detector.ts';
import { transmit } from './physics/physics.ts';
import { Random } from './random.ts';
import { buildScene, SCENE_HEIGHT_MM } from './scene/scene.ts';
import { planWagon, SHORTEST_WAGON_MM } from './scene/wagon.ts';

export interface TrainOptions {
  /** 0 to 4,294,967,295. The same options give the same bytes. */
  readonly seed: number;
  readonly wagons: number;
  /** Between the centres of neighbouring samples, both ways; 2 to 40 mm. */
  readonly pitchMm?: number;
  /** Over the buffers: what one wagon takes of the scan. */
  readonly wagonMm?: number;
  /** So many wagons differ; the others repeat them, which takes less time. All unless given. */
  readonly loads?: number;
}

export interface TrainUnit {
  readonly wagon: string;
  readonly container: string;
  readonly goods: string;
  /** End exclusive. */
  readonly columns: { readonly from: number; readonly to: number };
}

/** A scan of a train that is made wagon by wagon, so that it never lies in memory as a whole. */
export interface SimulatedTrain {
  readonly rows: number;
  readonly columns: number;
  readonly pitchMm: number;
  readonly units: readonly TrainUnit[];
  /** Beginning of a NumPy file of shape [rows, columns, 2]; the samples follow. */
  readonly head: Uint8Array;
  /** The JSON that says what the samples are. */
  readonly sidecar: Uint8Array;
  /** Samples of one wagon, [rows, its columns, 2]: little-endian 16 bits, high and low energy by turns. */
  readonly samplesOf: (wagon: number) => Uint8Array;
}

const MOST_WAGONS = 1000;
const DEFAULT_PITCH_MM = 6.76;
const DEFAULT_WAGON_MM = 16_900;

/** @throws NII_BAD_REQUEST for options out of range */
export function simulateTrain(options: TrainOptions): SimulatedTrain {
  const { seed, wagons, pitchMm = DEFAULT_PITCH_MM, wagonMm = DEFAULT_WAGON_MM, loads = wagons } = options;
  checkOptions({ seed, wagons, pitchMm, wagonMm, loads });
  const slot = Math.round(wagonMm / pitchMm);
  const detector = { ...drawDetector(new Random(seed, 'scanner')), deadRows: 0, paddingMm: 0 };
  const numbers = new Random(seed, 'numbers');
  const units = Array.from({ length: wagons }, (_, i): TrainUnit => {
    const { goods } = cargoes[cargoOf(seed, i % loads)];
    const columns = { from: i * slot, to: (i + 1) * slot };
    return { wagon: wagonNumber(numbers), container: containerNumber(numbers), goods, columns };
  });
  const rows = Math.round(SCENE_HEIGHT_MM / pitchMm);
  const columns = wagons * slot;
  const simulated = (load: number) =>
    simulateWagon({ seed, load, lengthMm: slot * pitchMm, pitchMm, detector });
  return {
    rows,
    columns,
    pitchMm,
    units,
    head: npyHead('<u2', [rows, columns, 2]),
    sidecar: sidecarOf({ openBeam: detector.openBeam, pitchMm, acquired: acquisitionTime(seed) }, units),
    samplesOf: loads < wagons ? remembering(simulated, loads) : simulated,
  };
}

interface WagonOptions {
  readonly seed: number;
  readonly load: number;
  readonly lengthMm: number;
  readonly pitchMm: number;
  readonly detector: Detector;
}

function simulateWagon({ seed, load, lengthMm, pitchMm, detector }: WagonOptions): Uint8Array {
  const own = new Random(seed, `wagon ${load}`).integer(0, 0xffffffff);
  const options = { seed: own, pitchMm, cargo: cargoOf(seed, load) };
  const { canvas } = buildScene(options, (random) => planWagon(random, lengthMm));
  const transmission = transmit(canvas.planes(), canvas.grid.rows * canvas.grid.columns);
  return interleaved(detect(own, canvas.grid, transmission, detector));
}

function cargoOf(seed: number, load: number): CargoKind {
  return new Random(seed, `cargo of wagon ${load}`).pick(cargoKinds);
}

/** Wagons that repeat others are simulated once; a few of them are held. */
function remembering(simulated: (load: number) => Uint8Array, loads: number): (wagon: number) => Uint8Array {
  const made = new Map<number, Uint8Array>();
  return (wagon) => {
    const load = wagon % loads;
    const samples = made.get(load) ?? simulated(load);
    made.set(load, samples);
    return samples;
  };
}

function sidecarOf(head: Parameters<typeof sidecarHead>[0], units: readonly TrainUnit[]): Uint8Array {
  const document = {
    ...sidecarHead(head),
    units: units.map(({ wagon, container, columns }) => ({ kind: 'wagon', wagon, container, columns })),
  };
  return new TextEncoder().encode(`${JSON.stringify(document, null, 2)}\n`);
}

function checkOptions({ seed, wagons, pitchMm, wagonMm, loads }: Required<TrainOptions>): void {
  const invalid = (field: string, detail: string) => new NiiError('NII_BAD_REQUEST', { detail, field });
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
    throw invalid('seed', 'Invalid seed: use a whole number from 0 to 4294967295');
  if (!Number.isInteger(wagons) || wagons < 1 || wagons > MOST_WAGONS)
    throw invalid('wagons', `Invalid number of wagons: use 1 to ${MOST_WAGONS}`);
  if (!Number.isInteger(loads) || loads < 1 || loads > wagons)
    throw invalid('loads', 'Invalid number of loads: use at most one for each wagon');
  if (!(pitchMm >= 2 && pitchMm <= 40)) throw invalid('pitchMm', 'Invalid pitch: use 2 to 40 mm');
  if (!(wagonMm >= SHORTEST_WAGON_MM && wagonMm <= 40_000))
    throw invalid('wagonMm', `Invalid wagon length: use ${SHORTEST_WAGON_MM} to 40000 mm`);
}
