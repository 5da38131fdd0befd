import { defined } from '../../core/defined.ts';
import { arealDensity, materials } from '../../simulate/physics/materials.ts';
import { layerAttenuation } from '../../simulate/physics/physics.ts';
import { defaultPolicy } from '../../triage/policy.ts';
import { rank } from '../../triage/priority.ts';
import type { ScoreRecord } from '../records.ts';
import { bootstrap, quantile } from '../statistics/bootstrap.ts';
import { detectedAt, freeResponse, type MarkedScan } from '../statistics/free-response.ts';
import { shareInFirst } from '../statistics/queue.ts';
import { auroc, aurocOfCounts } from '../statistics/ranks.ts';
import { aurocOf, detectionOf, rateOf, thresholdFor } from '../statistics/rates.ts';
import { tenthsOf, testUniform } from '../statistics/uniform.ts';
import { gridOf } from './grid.ts';
import type { EvaluationReport } from './schema.ts';

export interface ReportOptions {
  readonly product: string;
  readonly model: EvaluationReport['model'];
  readonly data: Pick<EvaluationReport['data'], 'normals' | 'threats' | 'set' | 'assumptions'>;
  /** Share of scans that are positive where the queue is judged. */
  readonly prevalence: number;
  /** Classes in the order of the report. */
  readonly classes: readonly string[];
  /** Of each interval; 1,000 unless given. */
  readonly draws?: number;
}

/** Fewer ordinary scans than this, to fix a threshold or to test it, give no rate of false alarms worth printing. */
export const FEWEST_FOR_RATES = 750;
const LEVELS = [0.005, 0.01, 0.05] as const;
const FIRST_OF_QUEUE = 0.05;
const DRAWS = 1000;
const FALSE_MARKS = [0.25, 0.5, 1, 2, 4] as const;
/** More points than this nobody sees in a plot. */
const CURVE_POINTS = 200;
/** Below this d′ an observer at 5 % false alarms misses every second one. */
const HIDDEN = 1.64;
/** A row of a table with fewer objects says nothing. */
const FEWEST_IN_ROW = 3;

/** All figures of an evaluation. Pure: the same records give the same report. */
export function makeReport(all: readonly ScoreRecord[], options: ReportOptions): EvaluationReport {
  const records = all.filter(({ set }) => set !== 'grid');
  const plates = all.filter(({ set, notAnalysed }) => set === 'grid' && notAnalysed === undefined);
  const looked = records.filter(({ notAnalysed }) => notAnalysed === undefined);
  const ordinary = looked.filter(({ set }) => set !== 'object');
  const objects = looked.filter(({ set }) => set === 'object');
  const groups = groupsOf(looked);
  const { classes, draws = DRAWS } = options;
  const count = (set: ScoreRecord['set']) => looked.filter((record) => record.set === set).length;
  const levels = levelsOf(ordinary, objects, classes);
  return {
    schemaVersion: '1.0',
    product: options.product,
    model: options.model,
    data: {
      ...options.data,
      ordinary: { threshold: count('threshold'), test: count('test') },
      objects: objects.length,
      notAnalysed: notAnalysedIn(records),
    },
    levels,
    auroc: aurocsOf({ ordinary, objects, groups, draws }, classes),
    queue: queueOf(records, options.prevalence, draws),
    freeResponse: freeResponseOf(groups, draws),
    bound: boundsOf(objects, classes),
    detectability: detectabilityOf(ordinary, objects),
    ...defined({
      grid: gridOf(plates, {
        normals: scoresOf(ordinary),
        falseAlarmsWanted: LEVELS[2],
        threshold: 'notEnoughData' in levels ? undefined : levels.at(-1)?.threshold,
      }),
    }),
    percentiles: percentilesOf(ordinary),
    time: timeOf(looked),
  };
}

/** All that was made of one scan: intervals draw it as one. */
type Group = readonly ScoreRecord[];

function groupsOf(records: readonly ScoreRecord[]): readonly Group[] {
  const groups = new Map<string, ScoreRecord[]>();
  for (const record of records) groups.set(record.scan, [...(groups.get(record.scan) ?? []), record]);
  return [...groups.values()];
}

function notAnalysedIn(records: readonly ScoreRecord[]): EvaluationReport['data']['notAnalysed'] {
  const reasons = records.flatMap(({ notAnalysed }) => notAnalysed ?? []);
  return [...new Set(reasons)].map((reason) => ({
    reason,
    scans: reasons.filter((one) => one === reason).length,
  }));
}

function scoresOf(records: readonly ScoreRecord[]): readonly number[] {
  return records.flatMap(({ units }) => units.map(({ score }) => score));
}

/* ---- Detection at fixed rates of false alarms ----------------------------------------------------------------- */

function levelsOf(
  ordinary: readonly ScoreRecord[],
  objects: readonly ScoreRecord[],
  classes: readonly string[],
): EvaluationReport['levels'] {
  const fixed = ordinary.filter(({ set }) => set === 'threshold');
  const tested = ordinary.filter(({ set }) => set === 'test');
  const fewest = Math.min(fixed.length, tested.length);
  if (fewest < FEWEST_FOR_RATES || objects.length === 0) {
    const why = `${fixed.length} ordinary scans to fix the threshold, ${tested.length} to test it, ${objects.length} with objects`;
    return {
      notEnoughData: `${why}; a rate needs ${FEWEST_FOR_RATES} scans for each of the first two, and at least one with an object`,
    };
  }
  return LEVELS.flatMap((falseAlarmsWanted) => {
    const threshold = thresholdFor(scoresOf(fixed), falseAlarmsWanted);
    const rate = (records: readonly ScoreRecord[]) => rateAbove(scoresOf(records), threshold);
    const [falseAlarms, detected] = [rate(tested), rate(objects)];
    if (falseAlarms === undefined || detected === undefined) return [];
    const level = {
      falseAlarmsWanted,
      threshold,
      falseAlarms,
      detected,
      byClass: classes.flatMap((name) => {
        const ofClass = rate(objects.filter(({ object }) => object?.class === name));
        return ofClass === undefined ? [] : [{ name, detected: ofClass }];
      }),
      byCargo: cargoesOf([...tested, ...objects]).map((name) => ({
        name,
        ...defined({
          detected: rate(objects.filter(({ cargo }) => cargo === name)),
          falseAlarms: rate(tested.filter(({ cargo }) => cargo === name)),
        }),
      })),
      missed: missedOf(objects, classes, threshold),
    };
    return [level];
  });
}

function rateAbove(scores: readonly number[], threshold: number) {
  if (scores.length === 0) return undefined;
  return rateOf(scores.filter((score) => score > threshold).length, scores.length);
}

function missedOf(objects: readonly ScoreRecord[], classes: readonly string[], threshold: number) {
  return classes.flatMap((name) => {
    const ofClass = objects.filter(({ object }) => object?.class === name);
    const missed = ofClass.filter((record) => !scoresOf([record]).some((score) => score > threshold));
    if (ofClass.length === 0) return [];
    const hiddenByNoise = missed.filter(isHiddenByNoise).length;
    const hiddenByLoad = missed.filter((record) => !isHiddenByNoise(record) && isHiddenByLoad(record)).length;
    const visible = missed.length - hiddenByNoise - hiddenByLoad;
    return [{ class: name, missed: missed.length, hiddenByNoise, hiddenByLoad, visible }];
  });
}

function isHiddenByNoise({ object }: ScoreRecord): boolean {
  return object !== undefined && object.dPrime < HIDDEN;
}

/** An ordinary scan, or one whose object neither noise nor the load hides. */
function canBeSeen(record: ScoreRecord): boolean {
  return !isHiddenByNoise(record) && !isHiddenByLoad(record);
}

function isHiddenByLoad({ object }: ScoreRecord): boolean {
  return object?.standsOut !== undefined && object.standsOut < HIDDEN;
}

function cargoesOf(records: readonly ScoreRecord[]): readonly string[] {
  return [...new Set(records.map(({ cargo }) => cargo))].sort((a, b) => (a < b ? -1 : 1));
}

/* ---- AUROC ---------------------------------------------------------------------------------------------------- */

interface Looked {
  readonly ordinary: readonly ScoreRecord[];
  readonly objects: readonly ScoreRecord[];
  readonly groups: readonly Group[];
  readonly draws: number;
}

function aurocsOf(
  { ordinary, objects, groups, draws }: Looked,
  classes: readonly string[],
): EvaluationReport['auroc'] {
  const image = imageAuroc(groups, draws, () => true);
  return {
    image: image ?? { notEnoughData: 'no ordinary scan or no scan with an object was analysed' },
    pixel: pixelAuroc(objects, draws) ?? { notEnoughData: 'no scan with an object has a map' },
    byClass: classes.flatMap((name) => {
      const own = objects.filter(({ object }) => object?.class === name);
      const found = imageAuroc(groups, draws, ({ object }) => object === undefined || object.class === name);
      return own.length === 0 || found === undefined ? [] : [{ name, objects: own.length, auroc: found }];
    }),
    byCargo: cargoesOf(objects).flatMap((name) => {
      const isOfIt = ({ cargo }: ScoreRecord) => cargo === name;
      const sizes = { ordinary: ordinary.filter(isOfIt).length, objects: objects.filter(isOfIt).length };
      if (Math.min(sizes.ordinary, sizes.objects) < FEWEST_IN_ROW) return [];
      const found = imageAuroc(groups, draws, isOfIt);
      return found === undefined ? [] : [{ name, ...sizes, auroc: found }];
    }),
  };
}

/** What one scan and all that was made of it say. */
interface Told {
  readonly ordinary: readonly number[];
  readonly positive: readonly number[];
}

/** Counted once, since intervals draw the scans many times. */
function toldBy(
  groups: readonly Group[],
  figures: (record: ScoreRecord) => readonly number[],
): readonly Told[] {
  const told = groups.map((group) => ({
    ordinary: group.filter(({ set }) => set !== 'object').flatMap(figures),
    positive: group.filter(({ set }) => set === 'object').flatMap(figures),
  }));
  return told.filter(({ ordinary, positive }) => ordinary.length + positive.length > 0);
}

function joined(told: readonly Told[]): Told {
  return {
    ordinary: told.flatMap(({ ordinary }) => ordinary),
    positive: told.flatMap(({ positive }) => positive),
  };
}

function imageAuroc(groups: readonly Group[], draws: number, counts: (record: ScoreRecord) => boolean) {
  const told = toldBy(groups, (record) => (counts(record) ? scoresOf([record]) : []));
  const figure = (drawn: readonly Told[]) => {
    const { ordinary, positive } = joined(drawn);
    return auroc(ordinary, positive);
  };
  const value = figure(told);
  if (value === undefined) return undefined;
  return { value, ...defined({ interval: bootstrap(told, figure, { draws }) }) };
}

function pixelAuroc(objects: readonly ScoreRecord[], draws: number) {
  const figure = (records: readonly ScoreRecord[]) => {
    const [outside, inside] = [new Array<number>(256).fill(0), new Array<number>(256).fill(0)];
    for (const { pixels } of records) {
      for (const [level, count] of pixels?.outside ?? []) outside[level] = (outside[level] ?? 0) + count;
      for (const [level, count] of pixels?.inside ?? []) inside[level] = (inside[level] ?? 0) + count;
    }
    return aurocOfCounts(outside, inside);
  };
  const value = figure(objects);
  if (value === undefined) return undefined;
  return { value, ...defined({ interval: bootstrap(objects, figure, { draws }) }) };
}

/* ---- The queue ------------------------------------------------------------------------------------------------ */

function queueOf(
  records: readonly ScoreRecord[],
  prevalence: number,
  draws: number,
): EvaluationReport['queue'] {
  const told = toldBy(groupsOf(records), ranksOf);
  const figure = (drawn: readonly Told[]) => {
    const { ordinary, positive } = joined(drawn);
    return shareInFirst(ordinary, positive, { prevalence, first: FIRST_OF_QUEUE });
  };
  const share = figure(told);
  if (share === undefined) return { notEnoughData: 'no ordinary scan or no scan with an object' };
  const interval = bootstrap(told, figure, { draws });
  return { prevalence, first: FIRST_OF_QUEUE, share, ...defined({ interval }), byChance: FIRST_OF_QUEUE };
}

/** How early triage shows the cases of a scan that has just come, with nothing else known of it. */
function ranksOf({ units, notAnalysed }: ScoreRecord): readonly number[] {
  const plain = { dueAt: '2026-01-01T00:00:00Z', declarationReasons: [], secondOpinion: false };
  if (notAnalysed !== undefined) return [-rank({ ...plain, notAnalysed }, defaultPolicy).priority];
  return units.map(({ percentile }) => -rank({ ...plain, percentile }, defaultPolicy).priority);
}

/* ---- Marks ---------------------------------------------------------------------------------------------------- */

function freeResponseOf(groups: readonly Group[], draws: number): EvaluationReport['freeResponse'] {
  const scans = groups.map(markedScan);
  const clear = groups.map((group) => markedScan(group.filter(canBeSeen)));
  const visibleObjects = clear.reduce((sum, { objects }) => sum + objects.length, 0);
  const curve = freeResponse(scans);
  const at = FALSE_MARKS.flatMap((falseMarksPerScan) => {
    const detected = detectedAt(scans, falseMarksPerScan);
    if (detected === undefined) return [];
    const interval = bootstrap(scans, (drawn) => detectedAt(drawn, falseMarksPerScan), { draws });
    const ofClear = detectedAt(clear, falseMarksPerScan);
    const visible = ofClear === undefined ? undefined : { objects: visibleObjects, detected: ofClear };
    return [{ falseMarksPerScan, detected, ...defined({ interval, visible }) }];
  });
  if (at.length === 0) return { notEnoughData: 'no ordinary scan or no scan with an object was analysed' };
  const step = Math.max(1, Math.ceil(curve.length / CURVE_POINTS));
  return { curve: curve.filter((_, i) => i % step === 0 || i === curve.length - 1), at };
}

function markedScan(group: Group): MarkedScan {
  const objects = group.filter(({ set }) => set === 'object');
  const ordinary = group.filter(({ set }) => set !== 'object');
  return {
    objects: objects.map(({ marks }) => {
      const hits = marks.flatMap(({ score, hit }) => (hit ? [score] : []));
      return hits.length === 0 ? undefined : Math.max(...hits);
    }),
    ordinaryScans: ordinary.length,
    falseMarks: ordinary.flatMap(({ marks }) => marks.map(({ score }) => score)),
  };
}

/* ---- What could be seen --------------------------------------------------------------------------------------- */

function boundsOf(objects: readonly ScoreRecord[], classes: readonly string[]): EvaluationReport['bound'] {
  return classes.flatMap((name) => {
    const own = objects.filter(({ object }) => object?.class === name);
    const dPrimes = own.flatMap(({ object }) => object?.dPrime ?? []);
    const apart = own.flatMap(({ object }) => object?.standsOut ?? []);
    if (dPrimes.length === 0) return [];
    return [
      {
        class: name,
        objects: own.length,
        medianDPrime: median(dPrimes),
        aurocKnowingBackground: mean(dPrimes.map(aurocOf)),
        detectedKnowingBackground: {
          at1Percent: mean(dPrimes.map((d) => detectionOf(d, 0.01))),
          at5Percent: mean(dPrimes.map((d) => detectionOf(d, 0.05))),
        },
        ...defined({
          medianStandsOut: apart.length === 0 ? undefined : median(apart),
          aurocKnowingMask: apart.length === 0 ? undefined : mean(apart.map(aurocOf)),
        }),
        hiddenByNoise: own.filter(isHiddenByNoise).length,
        hiddenByLoad: own.filter((record) => !isHiddenByNoise(record) && isHiddenByLoad(record)).length,
      },
    ];
  });
}

const SIZES_MM = [0, 150, 300, 600] as const;
const STEEL_MM = [0, 3, 8, 20] as const;

/** By size and contrast; the contrast as the steel that has it in open beam. */
function detectabilityOf(
  ordinary: readonly ScoreRecord[],
  objects: readonly ScoreRecord[],
): EvaluationReport['detectability'] {
  const perMm = layerAttenuation(materials.steel, arealDensity('steel', 1)).high;
  const normals = scoresOf(ordinary);
  return SIZES_MM.flatMap((size, i) =>
    STEEL_MM.flatMap((steel, j) => {
      const [sizeTo, steelTo] = [SIZES_MM[i + 1] ?? null, STEEL_MM[j + 1] ?? null];
      const own = objects.filter(({ object }) => {
        if (object === undefined) return false;
        const side = Math.sqrt(object.areaMm2);
        const thick = object.contrast / perMm;
        return isWithin(side, size, sizeTo) && isWithin(thick, steel, steelTo);
      });
      const value = auroc(normals, scoresOf(own));
      if (own.length < FEWEST_IN_ROW || value === undefined) return [];
      const [sizeMm, steelMm]: [[number, number | null], [number, number | null]] = [
        [size, sizeTo],
        [steel, steelTo],
      ];
      return [{ sizeMm, steelMm, objects: own.length, auroc: value }];
    }),
  );
}

function isWithin(value: number, from: number, to: number | null): boolean {
  return from <= value && (to === null || value < to);
}

/* ---- The reference, and time ---------------------------------------------------------------------------------- */

function percentilesOf(ordinary: readonly ScoreRecord[]): EvaluationReport['percentiles'] {
  const shares = ordinary.flatMap(({ units }) => units.map(({ percentile }) => percentile / 100));
  const found = testUniform(shares);
  if (found === undefined) return { notEnoughData: 'no ordinary scan was analysed' };
  return { ...found, tenths: tenthsOf(shares) };
}

function timeOf(records: readonly ScoreRecord[]): EvaluationReport['time'] {
  const times = (pick: (one: ScoreRecord['milliseconds']) => number | undefined) =>
    records.flatMap(({ milliseconds }) => pick(milliseconds) ?? []);
  const cpu = times((one) => one.cpu);
  return {
    scans: records.length,
    modelMs: median(times((one) => one.model)),
    wholeMs: median(times((one) => one.whole)),
    ...defined({ cpuMs: cpu.length === 0 ? undefined : median(cpu) }),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** 0 of nothing. */
function median(values: readonly number[]): number {
  return values.length === 0
    ? 0
    : quantile(
        [...values].sort((a, b) => a - b),
        0.5,
      );
}
