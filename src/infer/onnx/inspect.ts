import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isNiiError, NiiError } from '../../core/errors.ts';
import type { Fingerprint } from '../adapters/adapter.ts';
import { type OnnxFile, readOnnx } from './model-file.ts';

/** What a model file and the files beside it say, without running anything. */
export type InspectedModel = OnnxFile & Fingerprint;

/** A model that the service may hold; protobuf itself ends at twice as much. */
const MODEL_LIMIT_BYTES = 1024 ** 3;
const BESIDE_LIMIT_BYTES = 8 * 1024 * 1024;
/** JSON that exporters write beside a model and that families read. */
const BESIDE = ['metadata.json', 'config.json'] as const;

/** Newest version of each domain of operators that the runtime holds; a test compares them with the runtime. */
export const newestOpsets: Readonly<Record<string, number>> = { '': 26, 'ai.onnx.ml': 5 };

/**
 * Reads a model file, and rejects what must not reach the runtime.
 * @throws NII_MODEL_INVALID for a file that is no ONNX model; NII_MODEL_EXTERNAL_DATA, NII_MODEL_OPERATOR,
 *   NII_MODEL_OPSET
 */
export async function inspectModel(path: string): Promise<InspectedModel> {
  const file = await readModel(path);
  rejectUnusable(file, basename(path));
  return file;
}

/** What a model file says, whether the runtime may have it or not. @throws NII_MODEL_INVALID */
export async function readModel(path: string): Promise<InspectedModel> {
  const name = basename(path);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) throw invalid(`'${name}' does not exist or is not a file`);
  if (found.size > MODEL_LIMIT_BYTES) throw invalid(`'${name}' has more than ${MODEL_LIMIT_BYTES} bytes`);
  const file = parse(await readFile(path), name);
  return { ...file, beside: await readBeside(dirname(path)) };
}

function parse(bytes: Uint8Array, name: string): OnnxFile {
  try {
    const file = readOnnx(bytes, name);
    if (file.outputs.length === 0) throw invalid(`'${name}' is not an ONNX model: it has no outputs`);
    return file;
  } catch (error) {
    if (!isNiiError(error) || error.code === 'NII_MODEL_INVALID') throw error;
    throw new NiiError('NII_MODEL_INVALID', {
      detail: `'${name}' is not an ONNX model: ${error.message}`,
      cause: error,
    });
  }
}

/** @throws NII_MODEL_EXTERNAL_DATA, NII_MODEL_OPERATOR, NII_MODEL_OPSET; `name` is that of the file in the message */
export function rejectUnusable({ externalTensors, foreignOperators, opsets }: OnnxFile, name: string): void {
  if (externalTensors.length > 0)
    throw new NiiError(
      'NII_MODEL_EXTERNAL_DATA',
      `'${name}' stores tensors in another file: ${listed(externalTensors)}`,
    );
  if (foreignOperators.length > 0)
    throw new NiiError('NII_MODEL_OPERATOR', `'${name}' uses ${listed(foreignOperators)}`);
  for (const [domain, newest] of Object.entries(newestOpsets)) {
    const version = opsets[domain] ?? 0;
    if (version <= newest) continue;
    const what = domain === '' ? 'opset' : `opset of ${domain}`;
    throw new NiiError(
      'NII_MODEL_OPSET',
      `'${name}' has ${what} ${version}; the newest supported is ${newest}`,
    );
  }
}

async function readBeside(folder: string): Promise<Readonly<Record<string, unknown>>> {
  const entries = await Promise.all(BESIDE.map(async (name) => [name, await readJson(join(folder, name))]));
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Undefined where there is none: a family that needs it says so. */
async function readJson(path: string): Promise<unknown> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size > BESIDE_LIMIT_BYTES) return undefined;
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function listed(names: readonly string[]): string {
  return names.map((name) => `'${name.slice(0, 128)}'`).join(', ');
}

function invalid(detail: string): NiiError {
  return new NiiError('NII_MODEL_INVALID', detail);
}
