import type { NamedBytes } from '../../src/tools/contract/fixtures.ts';
import { type Mutation, SeededNumbers } from '../../src/tools/contract/mutate.ts';
import { byteChanges, type Draw, joined, pick } from './change-bytes.ts';
import { changedText, looksLikeText, textChanges } from './change-text.ts';
import { damagedFrame } from './compressed-frames.ts';
import type { Seed } from './seed.ts';

/** What inputs of one package are made of. */
export interface Sources {
  readonly own: readonly Seed[];
  /** Of other packages, for splices and mixtures. */
  readonly others: readonly Seed[];
}

const oddNames = [
  '.img',
  '..',
  'a/../b.xml',
  'x'.repeat(300),
  'name\u0000.img',
  'line\nbreak.dcm',
  '__proto__',
  'constructor.xml',
  'HIGH.IMG',
  '\u202egpj.exe',
  'a_Low.img',
  ' ',
] as const;

/** Input number `index` of a run: the same for the same seed, target and sources. */
export function inputOf(sources: Sources, target: string, seed: number, index: number): Mutation {
  const numbers = new SeededNumbers(mixed(seed, target, index));
  const start: Seed = pick(sources.own, numbers) ?? { name: 'nothing', files: [] };
  const draw: Draw = { numbers, others: bytesOf(numbers.below(3) === 0 ? sources.others : sources.own) };
  const { what, files } =
    start.frame === undefined
      ? arranged(start.files, sources, draw)
      : damagedFrame(start, start.frame, numbers);
  return { what: `${start.name}: ${what}`, files };
}

/** FNV-1a over seed, name and number. */
function mixed(seed: number, target: string, index: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}/${target}/${index}`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  }
  return hash >>> 0;
}

function bytesOf(seeds: readonly Seed[]): readonly Uint8Array[] {
  return seeds.flatMap(({ files }) => files.map(({ bytes }) => bytes));
}

/** Which files there are: most often those of the fixture with one of them changed. */
function arranged(files: readonly NamedBytes[], sources: Sources, draw: Draw): Mutation {
  const { numbers } = draw;
  const at = numbers.below(files.length);
  const one = changedFile(files[at], draw);
  const changed = files.with(at, one.file);
  switch (numbers.below(24)) {
    case 0:
      return {
        what: 'one file left out',
        files: files.length > 1 ? changed.toSpliced(numbers.below(files.length), 1) : changed,
      };
    case 1:
      return {
        what: `a file twice, once with ${one.what}`,
        files: [
          ...files,
          { ...one.file, name: numbers.below(2) === 0 ? one.file.name : `2${one.file.name}` },
        ],
      };
    case 2:
      return { what: 'contents exchanged', files: exchanged(changed, numbers) };
    case 3: {
      const stranger = pick(pick(sources.others, numbers)?.files ?? [], numbers);
      return {
        what: `${one.what}, with a file of another package`,
        files: stranger === undefined ? changed : [...changed, stranger],
      };
    }
    case 4:
      return { what: 'every file changed', files: files.map((file) => changedFile(file, draw).file) };
    case 5:
      return {
        what: `${one.what}, with an odd name`,
        files: files.with(at, { ...one.file, name: pick(oddNames, numbers) ?? '' }),
      };
    case 6:
      return {
        what: 'a beginning and random bytes',
        files: [{ name: one.file.name, bytes: headAndNoise(files[at], draw) }],
      };
    case 7:
      return { what: `one file alone: ${one.what}`, files: [one.file] };
    default:
      return { what: one.what, files: changed };
  }
}

function headAndNoise(file: NamedBytes | undefined, { numbers }: Draw): Uint8Array {
  const kept = numbers.below(4) === 0 ? 0 : numbers.below(200);
  return joined((file?.bytes ?? new Uint8Array()).subarray(0, kept), numbers.bytes(numbers.below(600)));
}

function exchanged(files: readonly NamedBytes[], numbers: SeededNumbers): readonly NamedBytes[] {
  const [i, j] = [numbers.below(files.length), numbers.below(files.length)];
  const [a, b] = [files[i], files[j]];
  if (a === undefined || b === undefined) return files;
  return files.with(i, { name: a.name, bytes: b.bytes }).with(j, { name: b.name, bytes: a.bytes });
}

/** One change, sometimes several. */
function changedFile(
  file: NamedBytes | undefined,
  draw: Draw,
): { readonly what: string; readonly file: NamedBytes } {
  const { numbers } = draw;
  const names: string[] = [];
  let bytes = file?.bytes ?? new Uint8Array();
  do {
    const isText = looksLikeText(bytes) && numbers.below(4) !== 0;
    const name = pick(Object.keys(isText ? textChanges : byteChanges), numbers) ?? '';
    bytes = changedBy(name, bytes, draw);
    names.push(name);
  } while (names.length < 6 && numbers.below(3) === 0);
  return { what: names.join(', '), file: { name: file?.name ?? 'file', bytes } };
}

function changedBy(name: string, bytes: Uint8Array, draw: Draw): Uint8Array {
  const change = textChanges[name];
  if (change !== undefined) return joined(changedText(bytes, change, draw));
  return byteChanges[name]?.(bytes, draw) ?? bytes;
}
