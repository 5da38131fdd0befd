import { loadConverters } from '../../src/recognise/registry.ts';
import { fuzzTarget } from '../fuzz/guarded.ts';
import { ARCHIVES, CODECS, DICOM_SYNTAXES } from '../fuzz/seeds.ts';
import type { Part, SliceResult, SliceTask } from './part.ts';

const HANG_SECONDS = 20;
const SLOW_SECONDS = 2;
/** More than a slice can try. */
const INPUTS_CEILING = 10_000_000;
const TELL_MS = 10_000;

/** Number of the next input by target. */
type Cursor = Readonly<Record<string, number>>;

/** Changed files of every package and frames of every decoder, those with the fewest inputs first, each slice from where the last one stopped. */
export const fuzz: Part = {
  name: 'fuzz',
  summary: 'changed files of every package and frames of every decoder (docs/how-to/fuzzing.md)',
  unit: 'inputs',
  slice: fuzzSlice,
};

async function fuzzSlice(task: SliceTask): Promise<SliceResult> {
  const before = readCursor(task.cursor);
  const all = await loadConverters({ enableFake: true });
  const targets = [...all.map(({ manifest }) => manifest.id), ARCHIVES, DICOM_SYNTAXES, ...CODECS];
  const target = targets.toSorted((a, b) => (before[a] ?? 0) - (before[b] ?? 0))[0] ?? ARCHIVES;
  const from = before[target] ?? 0;
  const { seed, seconds, keep } = task;
  let toldAt = Date.now();
  const progress = ({ inputs }: { readonly inputs: number }, faults: number) => {
    if (Date.now() - toldAt < TELL_MS) return;
    toldAt = Date.now();
    task.progress(`${target}: ${inputs} inputs, ${faults} faults`);
  };
  const bounds = { hangSeconds: HANG_SECONDS, slowSeconds: SLOW_SECONDS };
  const options = { target, seed, from, inputs: INPUTS_CEILING, seconds, ...bounds, keep };
  const { inputs, faults } = await fuzzTarget({ ...options, progress });
  return {
    of: target,
    count: inputs,
    faults: faults.map(({ kind, index, detail }) => `${kind} of input ${index}: ${firstLine(detail)}`),
    cursor: { ...before, [target]: from + inputs },
  };
}

function readCursor(value: unknown): Cursor {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])),
  );
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
