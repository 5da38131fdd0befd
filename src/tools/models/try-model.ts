import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sha256OfFile } from '../../codec/sha256.ts';
import { defined } from '../../core/defined.ts';
import { isNiiError, NiiError, type Problem } from '../../core/errors.ts';
import type { Limits } from '../../core/limits.ts';
import type { LoadedModel, TensorInfo } from '../../core/ports/inference.ts';
import type { Said } from '../../infer/adapters/adapter.ts';
import { checkModel, identify, withOutput } from '../../infer/fingerprint.ts';
import type { ModelJson, ModelManifest } from '../../infer/manifest.ts';
import { type InspectedModel, readModel, rejectUnusable } from '../../infer/onnx/inspect.ts';
import { MANIFEST, type ModelPackage, readPackage } from '../../infer/packages.ts';
import { draftManifest } from './draft.ts';

/** What commands about models need of the rest. */
export interface TrialTools {
  /** Every package that the service would load. */
  readonly packages: () => Promise<readonly ModelPackage[]>;
  /** Loads a model in a process of its own, which is ended on time and memory. */
  readonly openModel: (options: {
    readonly file: string;
    readonly startTimeoutMs: number;
    readonly memoryBytes: number;
  }) => Promise<LoadedModel>;
  readonly limits: Pick<Limits, 'inferSeconds' | 'inferBytes'>;
}

/** What one file or package is, and whether the service would take it. */
export interface ModelTrial {
  readonly name: string;
  readonly accepted: boolean;
  /** Why it is rejected. */
  readonly problem?: Problem;
  readonly adapter?: string;
  /** Seen by the runtime where it loads, or else as the file says. */
  readonly inputs?: readonly TensorInfo[];
  readonly outputs?: readonly TensorInfo[];
  readonly producer?: string;
  readonly opsets?: Readonly<Record<string, number>>;
  /** Licence that the exporter wrote into the file. */
  readonly licence?: string;
  /** What model.json says of the model, or would have to say. */
  readonly manifest?: Pick<
    ModelManifest,
    'schemaVersion' | 'task' | 'file' | 'sha256' | 'input' | 'shape' | 'output'
  >;
  /** Of the second of two runs on zeros. */
  readonly run?: { readonly milliseconds: number; readonly says: string };
}

/** For loading, which a run's limit says nothing about. */
const LOAD_MS = 60_000;

type Trial = { -readonly [Field in keyof ModelTrial]: ModelTrial[Field] };

/**
 * Tries a model file, or a folder that holds a package or one model file. Every fault of the model is in the answer.
 * @throws NII_NOT_FOUND for a path that is not there
 */
export async function tryModel(tools: TrialTools, path: string): Promise<ModelTrial> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new NiiError('NII_NOT_FOUND', `File or folder not found: '${path}'`);
  const trial: Trial = { name: basename(path), accepted: false };
  try {
    await run(tools, await subjectOf(path, found.isDirectory(), trial), trial);
    return { ...trial, accepted: true };
  } catch (error) {
    if (!isNiiError(error)) throw error;
    return { ...trial, problem: error.toProblem() };
  }
}

interface Subject {
  readonly path: string;
  readonly file: InspectedModel;
  readonly json: ModelJson | undefined;
}

async function subjectOf(path: string, isFolder: boolean, trial: Trial): Promise<Subject> {
  const subject = isFolder ? await ofFolder(path) : { path, json: undefined, file: await readModel(path) };
  const { inputs, outputs, producer, producerVersion, opsets, metadata } = subject.file;
  const made = `${producer} ${producerVersion}`.trim();
  Object.assign(trial, { inputs, outputs, opsets, ...defined({ licence: metadata.license }) });
  if (made !== '') trial.producer = made;
  rejectUnusable(subject.file, basename(subject.path));
  return subject;
}

/** A package, or the only model in a folder. */
async function ofFolder(folder: string): Promise<Subject> {
  const names = await readdir(folder);
  if (names.includes(MANIFEST)) return readPackage(folder, basename(folder));
  const [only, ...others] = names.filter((name) => name.endsWith('.onnx'));
  if (only === undefined || others.length > 0)
    throw new NiiError('NII_MODEL_INVALID', `The folder needs a ${MANIFEST} or exactly one .onnx file`);
  const path = join(folder, only);
  return { path, json: undefined, file: await readModel(path) };
}

/** Loads it, recognises it and runs it twice on zeros. */
async function run(
  { openModel, limits }: TrialTools,
  { path, file, json }: Subject,
  trial: Trial,
): Promise<void> {
  const timeoutMs = limits.inferSeconds * 1000;
  const loaded = await openModel({ file: path, startTimeoutMs: LOAD_MS, memoryBytes: limits.inferBytes });
  try {
    const { inputs, outputs } = loaded;
    Object.assign(trial, { inputs, outputs });
    const signature = { ...file, inputs, outputs };
    const manifest =
      json === undefined
        ? draftManifest(
            basename(path),
            await sha256OfFile(path),
            signature,
            identify(signature, basename(path)),
          )
        : withOutput(json, signature);
    trial.adapter = manifest.output.adapter;
    trial.manifest = partOf(manifest);
    await checkModel(loaded, { manifest }, timeoutMs);
    const started = performance.now();
    const said = await checkModel(loaded, { manifest }, timeoutMs);
    trial.run = { milliseconds: Math.round((performance.now() - started) * 10) / 10, says: summaryOf(said) };
  } finally {
    await loaded.close();
  }
}

function partOf({ schemaVersion, task, file, sha256, input, shape, output }: ModelManifest) {
  return { schemaVersion, task, file, sha256, input, shape, output };
}

function summaryOf(said: Said): string {
  switch (said.kind) {
    case 'anomaly-map':
      return `a map of ${said.rows} x ${said.columns}`;
    case 'boxes':
      return `${said.boxes.length} boxes`;
    case 'scores':
      return `${said.scores.length} scores`;
  }
}
