import { planesInMemory, type ScanWithSources } from '../../core/scan/plane-source.ts';
import type { Channel, NiiScan } from '../../core/scan/scan.ts';
import { planeKey } from '../../core/scan/scan.ts';
import { detect, drawDetector } from '../../simulate/physics/detector.ts';
import { arealDensity } from '../../simulate/physics/materials.ts';
import { transmit } from '../../simulate/physics/physics.ts';
import { Random } from '../../simulate/random.ts';
import { recordOf } from '../../simulate/record.ts';
import { buildScene } from '../../simulate/scene/scene.ts';
import { type Part, type Rect, rect, slab } from '../../simulate/scene/shapes.ts';
import { seedRanges } from './seeds.ts';

/** Empty containers, and containers with one thing in them, for the check of holds. */

interface Thing {
  /** Of what is seen, m2; the largest comes first in reports. */
  readonly areaM2: number;
  /** Bodies by their places: from the left end of the floor inside, `at` of 0 to 1 of the way to its right end. */
  readonly parts: (floor: Rect, at: number) => readonly Part[];
}

/** Inside, from wall to wall, cm. */
const WIDTH_CM = 234;

function body(
  material: Part['material'],
  widthMm: number,
  heightMm: number,
  grams: number,
): Pick<Thing, 'areaM2' | 'parts'> {
  return {
    areaM2: (widthMm * heightMm) / 1e6,
    parts: (floor, at) => [
      {
        material,
        form: slab,
        grams,
        box: rect(floor.x + at * Math.max(0, floor.width - widthMm), floor.y, widthMm, heightMm),
      },
    ],
  };
}

/** What lies in an otherwise empty hold. Depths along the beam are in the areal densities, g/cm2. */
export const things = {
  'bags 0.3 m high all over the floor': {
    areaM2: 3,
    parts: (floor) => [
      { material: 'food', form: slab, grams: 0.7 * WIDTH_CM, box: rect(floor.x, floor.y, floor.width, 300) },
    ],
  },
  'pallet with cartons, 1.2 x 1.2 m': body('cellulose', 1200, 1200, 0.15 * 100),
  'steel drum of water': body('water', 580, 880, 45),
  'box of 0.3 m, paper': body('cellulose', 300, 300, 0.7 * 30),
  'box of 0.3 m, clothes': body('textile', 300, 300, 0.2 * 30),
  'empty wooden pallet': body('cellulose', 1200, 144, 0.5 * 80 * 0.4),
  'dunnage: one plank along': body('cellulose', 2400, 25, 0.5 * 20),
  'dunnage: one beam across': body('cellulose', 100, 100, 0.5 * WIDTH_CM),
  'long gun': body('steel', 900, 50, arealDensity('steel', 15)),
  'hand gun': {
    areaM2: 0.0115,
    parts: (floor, at) => {
      const x = floor.x + at * (floor.width - 190);
      const grams = arealDensity('steel', 14);
      return [
        { material: 'steel', form: slab, grams, box: rect(x, floor.y + 90, 190, 36) },
        { material: 'steel', form: slab, grams, box: rect(x, floor.y, 50, 90) },
      ];
    },
  },
  'box of 0.1 m, powder': body('food', 100, 100, 1.15 * 10),
  'false wall 0.25 m deep at the front': {
    areaM2: 0.55,
    parts: (floor) => [
      {
        material: 'cellulose',
        form: slab,
        grams: 0.3 * WIDTH_CM,
        box: rect(floor.x, floor.y, 250, floor.height),
      },
    ],
  },
} as const satisfies Readonly<Record<string, Thing>>;

export type ThingKind = keyof typeof things;
export const thingKinds = Object.keys(things) as readonly ThingKind[]; // the keys of the literal above

/** Seeds of `fixing` set the limits of the check, those of `report` are for its figures alone. */
export type HoldSet = 'fixing' | 'report';

const PITCHES_MM = [5.5, 8.5, 11, 22] as const;
/** Floor of a container above the bottom of its outline, and its ends and roof, mm. */
const INSIDE = { floor: 165, front: 90, doors: 80, roof: 260 } as const;

/**
 * One container on a truck with one thing in it, or nothing: 20 or 40 feet, four pitches, the scanners of the simulator,
 * and every fourth one with a twentieth of their quanta and four times their scatter.
 */
export function simulateHold(set: HoldSet, index: number, kind?: ThingKind): ScanWithSources {
  const range = set === 'fixing' ? seedRanges.holdFixing : seedRanges.holdReport;
  const seed = range.from + index;
  const pitchMm = PITCHES_MM[Math.floor(index / 2) % PITCHES_MM.length] ?? 11;
  const container = index % 2 === 0 ? '20ft' : '40ft';
  const { canvas, units } = buildScene({ seed, pitchMm, container, cargo: 'empty' });
  const [unit] = units;
  if (kind !== undefined && unit !== undefined)
    canvas.add([...things[kind].parts(insideOf(unit.box), new Random(seed, 'place').next())]);
  const { grid } = canvas;
  const drawn = drawDetector(new Random(seed, 'scanner'));
  const poor = index % 4 === 3;
  const { quantaPerMm2: quanta, scatter } = drawn;
  const detector = poor
    ? {
        ...drawn,
        quantaPerMm2: { high: quanta.high / 20, low: quanta.low / 20 },
        scatter: { high: scatter.high * 4, low: scatter.low * 4 },
      }
    : drawn;
  const signals = detect(seed, grid, transmit(canvas.planes(), grid.rows * grid.columns), detector);
  const columns = (mm: number) => Math.round(mm / pitchMm);
  return recordOf({
    ...{ seed, pitchMm, rows: grid.rows, columns: grid.columns, openBeam: detector.openBeam, ...signals },
    ...{ mask: new Uint8Array(), anomalies: [], acquired: '2026-01-01T00:00:00Z', description: 'EMPTY' },
    units: units.map(({ box, cargo }) => ({
      ...{ container: '', cargo, goods: 'EMPTY' },
      columns: { from: columns(box.x), to: columns(box.x + box.width) },
    })),
  });
}

function insideOf({ x, y, width, height }: Rect): Rect {
  const { floor, front, doors, roof } = INSIDE;
  return rect(x + front, y + floor, width - front - doors, height - roof);
}

/** The same scan as a scanner of one energy would have it. */
export function asSingleEnergy({ scan, planes }: ScanWithSources): ScanWithSources {
  const views = scan.views.map((view) => ({
    ...view,
    channels: view.channels
      .filter(({ energy }) => energy === 'low')
      .map((channel) => ({ ...channel, energy: 'single' as const })),
  }));
  return { scan: { ...scan, completeness: 'single-energy', views }, planes };
}

/** The same scan where only a picture of it came: no pitch, no place of the container. */
export function asPictureAlone(
  { scan }: ScanWithSources,
  { rows, columns, bytes }: { readonly rows: number; readonly columns: number; readonly bytes: Uint8Array },
): ScanWithSources {
  const channel: Channel = {
    ...{ id: 'picture', kind: 'display', rows, columns, frames: 1, samplesPerPixel: 1, planar: false },
    ...{ bitsAllocated: 8, bitsStored: 8, sampleFormat: 'unsigned', polarity: 'none', bytes: bytes.length },
  };
  const display = { flipRows: false, rotate: 0, flipColumns: false } as const;
  const alone: NiiScan = {
    ...scan,
    completeness: 'preview-only',
    units: scan.units.map(({ extent: _, ...unit }) => unit),
    views: [{ id: 'main', display, channels: [channel] }],
  };
  return { scan: alone, planes: planesInMemory(new Map([[planeKey('main', 'picture'), bytes]])) };
}
