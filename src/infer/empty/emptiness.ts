import type { Doubt, Emptiness, UnitEmptiness } from '../../core/case/emptiness.ts';
import { defined } from '../../core/defined.ts';
import { type CabBand, maskedLines } from '../../core/scan/cab.ts';
import { channelKinds } from '../../core/scan/channel-kinds.ts';
import type { PlaneSource, ScanWithSources } from '../../core/scan/plane-source.ts';
import { type Channel, type NiiScan, planeKey, type View } from '../../core/scan/scan.ts';
import { boxInStored, displaySize, extentInModel } from '../geometry.ts';
import { isTurned, type Rectangle } from '../raster.ts';
import { openSource, type Source, toLog } from '../transmission.ts';
import type { Steps } from '../turns.ts';
import { asGreys, type Cells, readCells } from './cells.ts';
import { type AbsorptionMap, findOutlines } from './outline.ts';
import { type Residual, residualSteps } from './residual.ts';

/** Counts up when the same scan may get another answer. */
const METHOD = 'hold-residual/1';

export interface EmptinessOptions {
  /** Height of the upright picture on the scanner, for scans that do not say how large a pixel is. */
  readonly assumedHeightMm?: number;
  /** Lines that are not checked. */
  readonly leftOut?: readonly CabBand[];
}

/**
 * Excess up to which a hold looks empty, and from which it looks loaded, fixed on simulated empty containers
 * (`npm run measure -- empty --set fixing`). docs/decisions/0053-empty-check.md.
 */
const LIMITS = {
  transmission: { empty: 0.003, loaded: 0.012 },
  picture: { empty: 0.004, loaded: 0.04 },
} as const;
/** Finer than a hand gun, coarser than scanners sample. */
const CELL_MM = 40;
const MOST_CELLS = 6_000_000;
/** Two walls of a dry container absorb 0.12 to 0.2 at 4 to 9 MeV. */
const THIN_WALLS = 0.35;
/** All of the hold absorbs as much as this only where it is full. */
const FULL = 0.8;
const MOST_NOISE = 0.06;
const MOST_UNMEASURED = 0.5;
/** Without a pitch: of the beam, and of the hold, which then gives the scale. */
const USUAL_HEIGHT_MM = 4600;
const USUAL_HOLD_MM = 2550;
const USUAL_WALLS = 0.13;
/**
 * By which curve a picture may be drawn: what the lack of brightness (0 to 1) comes to as -ln of the transmission.
 * Linear, by a root, and by logarithms of about one decade, two and four.
 */
const CURVES: readonly ((lack: number) => number)[] = [
  (lack) => toLog(1 - lack),
  (lack) => 2 * toLog(1 - lack),
  (lack) => 3 * lack,
  (lack) => 5 * lack,
  (lack) => 8 * lack,
];
const checkedKinds: ReadonlySet<string> = new Set(['container', 'trailer', 'wagon', 'unknown']);

/** Whether each hold looks empty, in parts of a few milliseconds. Undefined for a scan without views or holds. */
export function* emptinessSteps(
  { scan, planes }: ScanWithSources,
  options: EmptinessOptions = {},
): Steps<Emptiness | undefined> {
  const units = scan.units.filter(({ kind }) => checkedKinds.has(kind));
  if (scan.views.length === 0 || units.length === 0) return undefined;
  const started = performance.now();
  const chosen = chooseChannel(scan);
  const plane = chosen && planes.get(planeKey(chosen.view.id, chosen.channel.id));
  const looked =
    chosen === undefined || plane === undefined ? undefined : yield* lookAt(chosen, plane, units, options);
  const milliseconds = Math.round((performance.now() - started) * 10) / 10;
  if (chosen === undefined || looked === undefined) {
    const none = units.map(({ id }): UnitEmptiness => uncertain(id, 'no-channel'));
    return { method: METHOD, units: none, milliseconds };
  }
  const { view, channel, basis } = chosen;
  return { method: METHOD, basis, view: view.id, channel: channel.id, units: [...looked], milliseconds };
}

interface Chosen {
  readonly view: View;
  readonly channel: Channel;
  readonly basis: 'transmission' | 'picture';
}

/** What measured transmission best, or the first picture. */
export function chooseChannel({ views }: Pick<NiiScan, 'views'>): Chosen | undefined {
  const all = views.flatMap((view) => view.channels.map((channel) => ({ view, channel })));
  const measured = all.filter(({ channel }) => isTransmission(channel));
  for (const energy of ['high', 'single', 'low', undefined] as const) {
    const found = measured.find(({ channel }) => channel.energy === energy);
    if (found !== undefined) return { ...found, basis: 'transmission' };
  }
  const drawn = all.find(({ channel }) => isPicture(channel));
  return drawn === undefined ? undefined : { ...drawn, basis: 'picture' };
}

function isTransmission({ kind, polarity, frames, samplesPerPixel, sampleFormat, bitsAllocated }: Channel) {
  const isInverted = polarity === 'high-is-opaque' && sampleFormat === 'unsigned';
  return (
    kind === 'transmission' &&
    frames === 1 &&
    samplesPerPixel === 1 &&
    bitsAllocated >= 8 &&
    (polarity === 'high-is-transparent' || isInverted)
  );
}

function isPicture({ kind, frames, samplesPerPixel, bitsAllocated, sampleFormat }: Channel): boolean {
  const isRead = samplesPerPixel === 1 ? bitsAllocated <= 16 : samplesPerPixel === 3;
  return (
    channelKinds[kind].isRendered &&
    frames === 1 &&
    isRead &&
    bitsAllocated >= 8 &&
    sampleFormat === 'unsigned'
  );
}

type Unit = Pick<NiiScan['units'][number], 'id' | 'extent'>;

function* lookAt(
  chosen: Chosen,
  plane: PlaneSource,
  units: readonly Unit[],
  { assumedHeightMm, leftOut = [] }: EmptinessOptions,
): Steps<readonly UnitEmptiness[] | undefined> {
  const { view, channel: recorded, basis } = chosen;
  const greys = asGreys(recorded, plane);
  if (greys === undefined) return undefined;
  const source = yield* openSource(
    { ...greys.channel, ...defined({ openBeam: basis === 'picture' ? undefined : recorded.openBeam }) },
    greys.plane,
    maskedLines(leftOut, view.id, greys.channel),
  );
  if (typeof source === 'string') return undefined;
  const read = (pitchMm: readonly [number, number]) => readMap(source, view, basis, pitchMm);
  if (recorded.pitch !== undefined) {
    const { rowMm, columnMm } = recorded.pitch;
    const map = yield* read(isTurned(view.display) ? [columnMm, rowMm] : [rowMm, columnMm]);
    return map && (yield* judgeUnits(map, units, chosen));
  }
  const display = displaySize({ stored: recorded, rule: view.display });
  const guess = (assumedHeightMm ?? USUAL_HEIGHT_MM) / display.rows;
  const first = yield* read([guess, guess]);
  const scale = first && scaleOf(first);
  if (first === undefined || scale === undefined) return units.map(({ id }) => uncertain(id, 'no-hold'));
  const map = yield* read([guess * scale, guess * scale]);
  return map && (yield* judgeUnits(map, units, chosen));
}

/** What the greys or transmissions of a channel come to, in cells of one size. */
function* readMap(
  source: Source,
  view: View,
  basis: Chosen['basis'],
  [rowMm, columnMm]: readonly [number, number],
): Steps<AbsorptionMap | undefined> {
  const display = displaySize({ stored: source.channel, rule: view.display });
  const cells = (samples: number, mm: number) => Math.max(1, Math.round((samples * mm) / CELL_MM));
  const size = { rows: cells(display.rows, rowMm), columns: cells(display.columns, columnMm) };
  const isFiner = size.rows <= display.rows && size.columns <= display.columns;
  if (!isFiner || !(size.rows * size.columns <= MOST_CELLS)) return undefined;
  const found = yield* readCells(source, view.display, size);
  if (basis === 'transmission') return { ...size, cellMm: CELL_MM, values: found.values.map(toLog) };
  const values = asAbsorption(found);
  yield;
  return values && (yield* scaledByWalls({ ...size, cellMm: CELL_MM, values }));
}

/** Of the rows at the top of a picture, in which air is seen. */
const AIR_SHARE = 0.04;

/** What lacks of the brightness of air, 0 to 1; air is bright, or dark in a negative. Undefined where none is seen. */
function asAbsorption({ rows, columns, values }: Cells): Float32Array | undefined {
  const top = values.subarray(0, Math.max(1, Math.round(AIR_SHARE * rows)) * columns).slice();
  const air = top.filter((value) => !Number.isNaN(value)).sort()[Math.floor(top.length / 2)] ?? Number.NaN;
  const measured = values.filter((value) => !Number.isNaN(value)).sort();
  const [darkest = 0, brightest = 1] = [measured[0], measured.at(-1)];
  if (!(brightest - darkest > 0.1)) return undefined;
  const isNegative = air < (darkest + brightest) / 2;
  const end = isNegative ? darkest : 0;
  const range = isNegative ? brightest - air : air - end;
  return values.map((value) => (isNegative ? value - air : air - value) / range);
}

/** Nothing says by which curve a picture was drawn, but two walls of a dry container absorb much the same everywhere. */
function* scaledByWalls(map: AbsorptionMap): Steps<AbsorptionMap | undefined> {
  const area = wholeOf(map);
  let best: { readonly map: AbsorptionMap; readonly off: number } | undefined;
  for (const curve of CURVES) {
    const scaled = { ...map, values: map.values.map(curve) };
    const [hold] = findOutlines(scaled, area).filter((one) => one !== undefined);
    if (hold === undefined) continue;
    yield;
    const { walls } = yield* residualSteps(scaled, hold);
    const factor = USUAL_WALLS / walls;
    const off = Math.abs(Math.log(factor));
    if (!(off < (best?.off ?? Number.POSITIVE_INFINITY))) continue;
    best = { map: { ...scaled, values: scaled.values.map((value) => value * factor) }, off };
  }
  // greys with a curve of none of these, or walls that are not seen
  return best !== undefined && best.off < Math.LN2 ? best.map : undefined;
}

function wholeOf({ rows, columns }: AbsorptionMap): Rectangle {
  return { rowFrom: 0, rowTo: rows, columnFrom: 0, columnTo: columns };
}

/** How much larger a pixel is than was guessed, by the height of the longest hold. */
function scaleOf(map: AbsorptionMap): number | undefined {
  const holds = findOutlines(map, wholeOf(map)).filter((hold) => hold !== undefined);
  const [longest] = holds.toSorted((a, b) => b.columnTo - b.columnFrom - (a.columnTo - a.columnFrom));
  if (longest === undefined) return undefined;
  return USUAL_HOLD_MM / ((longest.rowTo - longest.rowFrom) * map.cellMm);
}

function* judgeUnits(
  map: AbsorptionMap,
  units: readonly Unit[],
  { view, channel, basis }: Chosen,
): Steps<readonly UnitEmptiness[]> {
  const model = { rows: map.rows, columns: map.columns };
  const geometry = { view: view.id, stored: channel, rule: view.display, model };
  const found: UnitEmptiness[] = [];
  for (const { id, extent } of units) {
    const area = extent === undefined ? undefined : extentInModel(geometry, extent);
    // the whole picture is that of a unit only where there is no other
    found.push(
      area === undefined && units.length > 1
        ? uncertain(id, 'no-hold')
        : yield* judge(id, map, area ?? wholeOf(map), basis, (box) => boxInStored(geometry, box)),
    );
    yield;
  }
  return found;
}

function* judge(
  unitId: string,
  map: AbsorptionMap,
  area: Rectangle,
  basis: Chosen['basis'],
  inStored: (box: Rectangle) => NonNullable<UnitEmptiness['largest']>['box'],
): Steps<UnitEmptiness> {
  const outlines = findOutlines(map, area);
  const residuals: Residual[] = [];
  for (const hold of outlines) {
    yield;
    if (hold !== undefined) residuals.push(yield* residualSteps(map, hold));
  }
  const [most] = residuals.toSorted((a, b) => (b.largest?.excess ?? 0) - (a.largest?.excess ?? 0));
  if (most === undefined) return uncertain(unitId, 'no-hold');
  const { largest } = most;
  const doubt =
    outlines.length > residuals.length
      ? 'no-hold'
      : residuals.map((one) => doubtOf(one, basis)).find(Boolean);
  const isLoaded =
    (largest?.excess ?? 0) >= LIMITS[basis].loaded || residuals.some(({ walls }) => walls >= FULL);
  return {
    unitId,
    ...(isLoaded
      ? { looks: 'loaded' as const }
      : doubt === undefined
        ? { looks: 'empty' as const }
        : { looks: 'not-certain' as const, doubt }),
    ...defined({
      walls: basis === 'picture' ? undefined : rounded(most.walls),
      largest: largest && {
        box: inStored(largest.box),
        areaMm2: Math.round(largest.areaMm2),
        excess: rounded(largest.excess),
      },
    }),
  };
}

/** Why a hold in which little absorbs more than the box cannot be called empty. */
function doubtOf(residual: Residual, basis: Chosen['basis']): Doubt | undefined {
  if (residual.unmeasured > MOST_UNMEASURED) return 'not-measured';
  if (residual.walls > THIN_WALLS) return 'dense-walls';
  if (residual.noise > MOST_NOISE) return 'noise';
  if (residual.hasDenseEnd) return 'dense-end';
  return (residual.largest?.excess ?? 0) > LIMITS[basis].empty ? 'little' : undefined;
}

function uncertain(unitId: string, doubt: Doubt): UnitEmptiness {
  return { unitId, looks: 'not-certain', doubt };
}

/** Four decimals: the last bits of a float differ between processors. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
