import { readdir } from 'node:fs/promises';
import { sha256Hex } from '../codec/sha256.ts';
import { NiiError } from '../core/errors.ts';
import type { LocalTools } from '../local/local.ts';
import { anomalyKinds } from '../simulate/scene/anomalies.ts';
import type { ThreatLibrary } from './projection/library.ts';
import { KeptScores, type ScoreRecord } from './records.ts';
import { type EvaluatedModel, scoreScan } from './score.ts';
import { scansOfFolder } from './subjects/folder.ts';
import { gridCells, nameOfCell, projectCell } from './subjects/grid.ts';
import { classesOf, openBackground, projectObject } from './subjects/projected.ts';
import { MOST_LOADS, type SimulatedNormals } from './subjects/seeds.ts';
import {
  simulatedBackground,
  simulatedForGrid,
  simulatedObject,
  simulatedOrdinary,
} from './subjects/simulated.ts';
import type { Ordinary, WithObject } from './subjects/subject.ts';

export type Normals =
  | { readonly kind: 'folder'; readonly path: string }
  | ({ readonly kind: 'simulated' } & SimulatedNormals);
export type Threats =
  | { readonly kind: 'simulated' }
  | { readonly kind: 'library'; readonly library: ThreatLibrary };

/** `close` ends the runner. */
export interface OpenedModel {
  readonly model: EvaluatedModel;
  close(): Promise<void>;
}

export interface Evaluation {
  readonly model: EvaluatedModel;
  readonly normals: Normals;
  readonly threats: Threats;
  /** Scans with an object, whose classes take turns: of simulated scans in all, of a folder for each scan. */
  readonly objects: number;
  /**
   * Ordinary scans into which every plate of the grid is projected; 0: no grid. It is no part of what tells one
   * evaluation from another, so a grid may be added to scores that are there, or go on to more scans.
   */
  readonly grid: number;
  /** Folder of the scores: an evaluation that was interrupted goes on with them. */
  readonly out: string;
}

export interface EvaluateDeps {
  readonly tools: LocalTools;
  /** Says what has been done: `total` is undefined while nobody knows it. */
  readonly onProgress: (done: number, total: number | undefined, of: ScoreRecord) => void;
  /** Files of a folder that are no scan, and scans that the model does not see. */
  readonly onLeftOut: (what: string, why: string) => void;
}

/**
 * Scores ordinary scans and scans with objects, or takes the scores that the folder holds already.
 * @throws NII_CONFLICT where the folder is of another evaluation, NII_MODEL_FAILED, NII_BAD_REQUEST where the simulator's
 *   anomalies are asked for in scans of a folder
 */
export async function evaluate(deps: EvaluateDeps, evaluation: Evaluation): Promise<readonly ScoreRecord[]> {
  const kept = await KeptScores.open(evaluation.out, await planOf(evaluation));
  const scoring = {
    model: evaluation.model,
    timeoutMs: deps.tools.limits.inferSeconds * 1000,
  };
  const total = totalOf(evaluation);
  let done = 0;
  for await (const { place, make } of tasksOf(deps, evaluation)) {
    deps.tools.signal?.throwIfAborted();
    done += 1;
    if (kept.has(place.key)) continue;
    const subject = make();
    if ('reason' in subject) {
      deps.onLeftOut(place.key, subject.reason);
      continue;
    }
    const record = await scoreScan(scoring, subject, place).catch((error: unknown) => {
      // a signal also ends the process of the model
      deps.tools.signal?.throwIfAborted();
      throw error;
    });
    await kept.add(record);
    deps.onProgress(done, total, record);
  }
  return kept.all;
}

/** What tells one evaluation from another. */
async function planOf({ model, normals, threats, objects }: Evaluation) {
  return {
    model: model.pkg.manifest.sha256,
    normals: normals.kind === 'folder' ? await namesHash(normals.path) : `${normals.set}:${normals.count}`,
    threats: threats.kind === 'simulated' ? 'simulated' : sha256Hex(JSON.stringify(threats.library)),
    objects,
  };
}

/** Of the names in a folder: it may be moved, but another one must not go on with its scores. */
async function namesHash(path: string): Promise<string> {
  const names = await readdir(path, { recursive: true }).catch(() => []); // reading the scans says what is wrong
  return sha256Hex(JSON.stringify(names.toSorted()));
}

function totalOf({ normals, objects, grid }: Evaluation): number | undefined {
  return normals.kind === 'simulated' ? normals.count + objects + grid * gridCells.length : undefined;
}

interface Task {
  readonly place: Pick<ScoreRecord, 'key' | 'set' | 'cell'>;
  readonly make: () => Ordinary | WithObject | { readonly reason: string };
}

/** Every second ordinary scan fixes the threshold, and the others are tested against it. */
function setOf(index: number): 'threshold' | 'test' {
  return index % 2 === 0 ? 'threshold' : 'test';
}

function tasksOf(deps: EvaluateDeps, evaluation: Evaluation): AsyncIterable<Task> | Iterable<Task> {
  const { normals, threats } = evaluation;
  if (normals.kind === 'simulated') return simulatedTasks(evaluation, normals);
  if (threats.kind === 'simulated') {
    const detail = 'The simulator’s anomalies need simulated scans: use --normals sim, or --threats library';
    throw new NiiError('NII_BAD_REQUEST', { detail, field: 'threats' });
  }
  return folderTasks(deps, evaluation, normals.path, threats.library);
}

function* simulatedTasks(
  { model, threats, objects, grid }: Evaluation,
  { set, count }: SimulatedNormals,
): Generator<Task> {
  const { manifest } = model.pkg;
  for (let i = 0; i < count; i++) {
    yield { place: { key: `normal ${i}`, set: setOf(i) }, make: () => simulatedOrdinary(set, i, manifest) };
  }
  for (let i = 0; i < objects; i++) {
    const make = () =>
      threats.kind === 'simulated'
        ? simulatedObject(set, i, manifest)
        : intoSimulated(set, i, threats.library, manifest);
    yield { place: { key: `object ${i}`, set: 'object' }, make };
  }
  for (let i = 0; i < grid; i++) {
    yield* gridTasks(String(i), i, () => openBackground(simulatedForGrid(set, i, manifest), manifest));
  }
}

/** Every plate of the grid in one scan, which is opened when the first of them is not scored yet. */
function* gridTasks(
  name: string,
  seed: number,
  open: () => ReturnType<typeof openBackground>,
): Generator<Task> {
  let opened: ReturnType<typeof openBackground> | undefined;
  for (const cell of gridCells) {
    const make = () => {
      opened ??= open();
      if ('reason' in opened) return opened;
      return projectCell(opened, cell, seed) ?? { reason: 'the load has no room for the plate' };
    };
    yield { place: { key: `grid ${name} ${nameOfCell(cell)}`, set: 'grid', cell: { ...cell } }, make };
  }
}

type Manifest = EvaluatedModel['pkg']['manifest'];

function intoSimulated(
  set: SimulatedNormals['set'],
  index: number,
  library: ThreatLibrary,
  manifest: Manifest,
): ReturnType<Task['make']> {
  const classes = classesOf(library);
  const wanted = classes[index % classes.length] ?? '';
  for (let load = 0; load < MOST_LOADS; load++) {
    const background = openBackground(simulatedBackground(set, index, load, manifest), manifest);
    if ('reason' in background) return background;
    const found = projectObject(background, library, wanted, index);
    if (found !== undefined) return found;
  }
  return { reason: `no simulated load has room for "${wanted}"` };
}

/** Each scan as it is, and again with its share of the objects: how many scans there are is known at the end. */
async function* folderTasks(
  { tools, onLeftOut }: EvaluateDeps,
  { model, objects, grid }: Evaluation,
  path: string,
  library: ThreatLibrary,
): AsyncGenerator<Task> {
  const scans: string[] = [];
  const classes = classesOf(library);
  const perScan = Math.max(1, objects);
  let gridScans = 0;
  for await (const found of scansOfFolder(tools, path)) {
    if (found.kind === 'rejected') {
      onLeftOut(found.files.join(', '), `${found.problem.code}: ${found.problem.detail}`);
      continue;
    }
    const { scan } = found;
    if (scans.includes(scan.name)) continue;
    const index = scans.push(scan.name) - 1;
    yield { place: { key: `normal ${scan.name}`, set: setOf(index) }, make: () => scan };
    const background = openBackground(scan, model.pkg.manifest);
    if ('reason' in background) continue;
    for (let i = 0; i < perScan; i++) {
      const wanted = classes[(index * perScan + i) % classes.length] ?? '';
      const seed = seedOf(`${scan.name} ${i}`);
      const make = () =>
        projectObject(background, library, wanted, seed) ?? {
          reason: `the load has no room for "${wanted}"`,
        };
      yield { place: { key: `object ${scan.name} ${i}`, set: 'object' }, make };
    }
    // the scans that fix the threshold get no plates, which would be judged by their own loads
    if (setOf(index) === 'threshold' || gridScans >= grid) continue;
    gridScans += 1;
    yield* gridTasks(scan.name, seedOf(`${scan.name} grid`), () => background);
  }
  if (scans.length === 0) {
    const detail = `The folder ${path} contains no scan that a converter reads`;
    throw new NiiError('NII_NOT_FOUND', { detail, field: 'normals' });
  }
}

function seedOf(text: string): number {
  return Number.parseInt(sha256Hex(text).slice(0, 8), 16);
}

/** Classes of what is hidden, in the order of the report. */
export function classesOfThreats(threats: Threats): readonly string[] {
  return threats.kind === 'simulated' ? anomalyKinds : classesOf(threats.library);
}
