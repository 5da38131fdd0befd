import { defined } from '../../core/defined.ts';
import type { ModelManifest } from '../../infer/manifest.ts';
import { sampleAt } from '../../infer/raster.ts';
import { Random } from '../../simulate/random.ts';
import type { ThreatLibrary, ThreatObject } from '../projection/library.ts';
import { holdOf, placeFor } from '../projection/place.ts';
import { type Projection, project } from '../projection/project.ts';
import { type ScannerState, scannerOf } from '../projection/scanner.ts';
import { drawShape, type Shape } from '../projection/shape.ts';
import { standsOut } from '../projection/stands-out.ts';
import { openUpright, type UprightView, withPatch } from '../projection/upright.ts';
import type { Ordinary, StoredMask, WithObject } from './subject.ts';

/** Other objects of the class are tried this often where one has no place. */
const OBJECTS_TRIED = 12;

/** An ordinary scan, opened once for all objects that are put into it. */
export interface Background {
  readonly scan: Ordinary;
  readonly view: UprightView;
  readonly scanner: ScannerState;
}

/** @returns the reason in words where the model would not see the scan */
export function openBackground(
  scan: Ordinary,
  manifest: Pick<ModelManifest, 'input'>,
): Background | { readonly reason: string } {
  const view = openUpright(scan.source, manifest, scan.assumedHeightMm);
  return 'reason' in view ? view : { scan, view, scanner: scannerOf(view, scan.told) };
}

/** Classes in the order of the library. */
export function classesOf({ objects }: ThreatLibrary): readonly string[] {
  return [...new Set(objects.map((one) => one.class))];
}

/**
 * Puts one object of a class into a scan. The same seed gives the same samples.
 * @returns undefined where the scan has no place for it
 */
export function projectObject(
  background: Background,
  library: ThreatLibrary,
  wanted: string,
  seed: number,
): WithObject | undefined {
  const random = new Random(seed, 'projection');
  const candidates = library.objects.filter((one) => one.class === wanted);
  for (let i = 0; i < OBJECTS_TRIED; i++) {
    const object: ThreatObject = random.pick(candidates);
    const found = projectShape(background, random, drawShape(random, object));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Puts a shape at a random place of a random unit; undefined where it has none. */
export function projectShape(
  { scan, view, scanner }: Background,
  random: Random,
  shape: Shape,
): WithObject | undefined {
  const hold = holdOf(view, random.pick(view.units));
  const spot = placeFor(random, view, hold, shape);
  if (spot === undefined) return undefined;
  const projection = project(random, view, scanner, shape, spot);
  const source = changed(scan, view, projection);
  return { ...scan, ...described(view, hold, shape.object, projection), source };
}

function changed({ source }: Ordinary, view: UprightView, { patch }: Projection): Ordinary['source'] {
  return { scan: source.scan, planes: withPatch(source.planes, view, patch) };
}

function described(
  view: UprightView,
  hold: ReturnType<typeof holdOf>,
  object: ThreatObject,
  { patch, mask, dPrimeSquared, contrast }: Projection,
): Pick<WithObject, 'object' | 'mask'> {
  const stored = storedMask(view, patch, mask);
  const pixels = mask.reduce((count, value) => count + value, 0);
  const box = {
    top: patch.top,
    left: patch.left,
    bottom: patch.top + patch.rows,
    right: patch.left + patch.columns,
  };
  const apart = standsOut(view, hold, box, { contrast, cover: pixels / (patch.rows * patch.columns) });
  return {
    mask: stored,
    object: {
      id: object.id,
      class: object.class,
      areaMm2: pixels * view.rowMm * view.columnMm,
      contrast,
      dPrime: Math.sqrt(dPrimeSquared),
      ...defined({ standsOut: apart }),
    },
  };
}

function storedMask(view: UprightView, patch: Projection['patch'], mask: Uint8Array): StoredMask {
  const { rows, columns } = view.channels[0]?.window.channel ?? { rows: 0, columns: 0 };
  const bytes = new Uint8Array(rows * columns);
  for (let row = 0; row < patch.rows; row++) {
    for (let column = 0; column < patch.columns; column++) {
      if (mask[row * patch.columns + column] === 0) continue;
      bytes[sampleAt(view.raster, patch.top + row, patch.left + column)] = 1;
    }
  }
  return { rows, columns, bytes };
}
