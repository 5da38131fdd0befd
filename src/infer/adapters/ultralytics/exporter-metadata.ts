import { isNiiError } from '../../../core/errors.ts';
import type { PythonLiteral } from '../../onnx/python-literal.ts';
import { parsePythonLiteral } from '../../onnx/python-literal.ts';
import type { Fingerprint } from '../adapter.ts';

/** What the exporter of Ultralytics writes into `metadata_props`, as Python's `str()` writes it. */
type Metadata = Pick<Fingerprint, 'metadata'>;

const MOST_CLASSES = 10_000;

/** Class names in the order of their numbers; undefined where the file has none that can be read. */
export function namesOf(file: Metadata): readonly string[] | undefined {
  const names = literalOf(file, 'names');
  if (isList(names)) return names.map(String).slice(0, MOST_CLASSES);
  if (!(names instanceof Map) || names.size > MOST_CLASSES) return undefined;
  const entries = [...names].map(([number, name]) => [Number(number), String(name).slice(0, 256)] as const);
  const sorted = entries.sort(([a], [b]) => a - b);
  return sorted.every(([number], i) => number === i) ? sorted.map(([, name]) => name) : undefined;
}

/** detect, segment, classify, pose or obb; undefined in files of YOLOv5. */
export function taskOf({ metadata }: Metadata): string | undefined {
  return metadata.task;
}

/** Height and width that the model was exported for. */
export function inputSizeOf(file: Metadata): { readonly rows: number; readonly columns: number } | undefined {
  const size = literalOf(file, 'imgsz');
  const [rows, columns = rows] = typeof size === 'number' ? [size] : isList(size) ? size : [];
  const isSize = (side: unknown): side is number =>
    typeof side === 'number' && Number.isInteger(side) && side > 0 && side <= 16_384;
  return isSize(rows) && isSize(columns) ? { rows, columns } : undefined;
}

/** The graph gives each object one box: a head without duplicates, or suppression inside (`nms=True`). */
export function isEndToEnd(file: Metadata): boolean {
  const options = literalOf(file, 'args');
  return literalOf(file, 'end2end') === true || (options instanceof Map && options.get('nms') === true);
}

/** Undefined where there is none, or where it cannot be read: then nothing is known from it. */
function literalOf({ metadata }: Metadata, key: string): PythonLiteral | undefined {
  const text = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (text === undefined) return undefined;
  try {
    return parsePythonLiteral(text);
  } catch (error) {
    if (isNiiError(error)) return undefined;
    throw error;
  }
}

function isList(value: PythonLiteral | undefined): value is readonly PythonLiteral[] {
  return Array.isArray(value);
}
