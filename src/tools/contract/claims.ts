import { isDeepStrictEqual } from 'node:util';
import { sha256Hex } from '../../codec/sha256.ts';
import { HEAD_BYTES } from '../../recognise/files.ts';
import { type Claim as Recognition, recognise } from '../../recognise/sniff.ts';
import { compareWith, faultOf } from './compare.ts';
import type { Fixture, NamedBytes } from './fixtures.ts';
import { changedByte, type Mutation, randomTail, SeededNumbers, truncations } from './mutate.ts';
import { type Outcome, outcomeOf, type Subject, summaryOf, wordsOf } from './subject.ts';

/** How much is tried, and from which seed. */
export interface Effort {
  /** Changed bytes, and as many random tails. */
  readonly inputs: number;
  readonly seed: number;
  /** Lengths to which each file is cut. */
  readonly cuts: number;
}

/** Told of every input that was tried. */
export interface Tally {
  /** Before it is tried: what a crash or a hang is then blamed on. */
  readonly trying: (what: string) => void;
  readonly tried: (words: readonly string[]) => void;
}

/** One thing that every converter package must keep to. */
export interface Claim {
  readonly name: string;
  /** Each fault in one line; none where the claim holds. */
  readonly faults: (subject: Subject, effort: Effort, tally: Tally) => Promise<readonly string[]>;
}

/** More faults than these say nothing new. */
const FAULTS_CEILING = 8;
/** A small file takes milliseconds; this much is a hang, even on a busy machine. */
const SECONDS_CEILING = 20;

export const claims: readonly Claim[] = [
  { name: 'at least one fixture exists, and at least one becomes a scan', faults: someFixture },
  { name: 'each fixture becomes what its generator states', faults: asStated },
  {
    name: 'it claims no file of another package, and no other package claims its files',
    faults: ownFilesOnly,
  },
  {
    name: 'the same files give the same result, in another order and when repeated',
    faults: orderAndRepetition,
  },
  { name: 'every truncated file gives a scan or an error code, with no invented samples', faults: cutShort },
  { name: 'a changed byte gives a scan or an error code', faults: changed },
  { name: 'random bytes, alone or after a valid beginning, give a scan or an error code', faults: random },
];

async function someFixture({ fixtures }: Subject): Promise<readonly string[]> {
  if (fixtures.length === 0)
    return ['the package has no folder fixtures/<case>/ with files and expected.json'];
  return fixtures.some(({ expected }) => expected.refused === undefined)
    ? []
    : ['every fixture is for a rejection'];
}

async function asStated(subject: Subject, _: Effort, tally: Tally): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { name, files, expected } of subject.fixtures) {
    const outcome = await tryOut(subject, { what: name, files }, tally);
    const wrong = toldOf(compareWith(expected, outcome, subject.converter.manifest));
    faults.push(...wrong.map((check) => `${name}: ${faultOf(check)}${rejectionText(outcome)}`));
  }
  return faults;
}

/** Where nothing was made of the files, that alone is worth a line. */
export function toldOf<T extends { readonly name: string; readonly ok: boolean }>(
  checks: readonly T[],
): readonly T[] {
  const wrong = checks.filter(({ ok }) => !ok);
  const verdict = wrong.filter(({ name }) => name === 'verdict');
  return verdict.length === 0 ? wrong : verdict;
}

function rejectionText(outcome: Outcome): string {
  return outcome.kind === 'rejected' ? ` (${outcome.code}: ${outcome.detail})` : '';
}

async function tryOut(subject: Subject, { what, files }: Mutation, tally: Tally): Promise<Outcome> {
  tally.trying(what);
  const outcome = await outcomeOf(subject, files);
  tally.tried(wordsOf(outcome));
  return outcome;
}

/* ---- Whose file is it ------------------------------------------------------------------------------------- */

async function ownFilesOnly(subject: Subject): Promise<readonly string[]> {
  const { id } = subject.converter.manifest;
  const own = subject.fixtures.flatMap(({ files }) => files.flatMap((file) => strangers(file, id, subject)));
  const others = [...subject.fixturesOfOthers].flatMap(([owner, fixtures]) =>
    fixtures.flatMap(({ files }) =>
      files.filter((file) => firmClaims(file, subject).includes(id)).map(({ name }) => `${name} of ${owner}`),
    ),
  );
  return [...own, ...others.map((file) => `${id} claims ${file}`)];
}

function strangers(file: NamedBytes, id: string, subject: Subject): readonly string[] {
  return firmClaims(file, subject)
    .filter((other) => other !== id)
    .map((other) => `${other} claims ${file.name}`);
}

/** A fallback gives way to every other claim. */
function firmClaims({ bytes }: NamedBytes, { all }: Subject): readonly string[] {
  const head = bytes.slice(0, HEAD_BYTES);
  return recognise({ head, bytes: bytes.length }, all)
    .filter(isFirm)
    .map(({ manifest }) => manifest.id);
}

function isFirm({ manifest, rule }: Recognition): boolean {
  return manifest.fallback !== true && rule.fallback !== true;
}

/* ---- The same again --------------------------------------------------------------------------------------- */

async function orderAndRepetition(subject: Subject, _: Effort, tally: Tally): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { name, files } of subject.fixtures) {
    const first = summaryOf(await tryOut(subject, { what: name, files }, tally));
    const reversed = { what: `${name} in reverse`, files: files.toReversed() };
    const second = summaryOf(await tryOut(subject, reversed, tally));
    if (!isDeepStrictEqual(first, second)) faults.push(`${name}: the record or its samples differ`);
  }
  return faults;
}

/* ---- Bad input -------------------------------------------------------------------------------------------- */

async function cutShort(subject: Subject, { cuts }: Effort, tally: Tally): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const fixture of subject.fixtures) {
    for (const mutation of truncations(fixture, cuts)) {
      const outcome = await guarded(subject, mutation, tally, faults);
      faults.push(
        ...invented(outcome, fixture, subject).map(
          (key) => `${mutation.what}: samples of ${key} are invented`,
        ),
      );
      if (faults.length >= FAULTS_CEILING) return faults;
    }
  }
  return faults;
}

/** Channels with other samples than any that the fixture holds. A picture without its index is another package's. */
function invented(outcome: Outcome, { expected }: Fixture, subject: Subject): readonly string[] {
  if (outcome.kind === 'several')
    return outcome.parts.flatMap((part) => invented(part, { ...noFixture, expected }, subject));
  if (outcome.kind === 'rejected') return [];
  if (outcome.group.converter.id !== subject.converter.manifest.id) return [];
  const stated = Object.values(expected.channels ?? {}).map(({ sha256: hash }) => hash);
  if (stated.includes(null)) return [];
  return [...outcome.result.planes].flatMap(([key, plane]) =>
    stated.includes(sha256Hex(plane)) ? [] : [key],
  );
}

const noFixture: Omit<Fixture, 'expected'> = { name: '', files: [] };

type MakeMutation = (fixtures: readonly Fixture[], numbers: SeededNumbers) => Mutation | undefined;

async function changed(subject: Subject, effort: Effort, tally: Tally): Promise<readonly string[]> {
  return tryMany(subject, effort, tally, changedByte);
}

async function random(subject: Subject, effort: Effort, tally: Tally): Promise<readonly string[]> {
  return tryMany(subject, effort, tally, randomTail);
}

async function tryMany(
  subject: Subject,
  { inputs, seed }: Effort,
  tally: Tally,
  make: MakeMutation,
): Promise<readonly string[]> {
  const numbers = new SeededNumbers(seed);
  const faults: string[] = [];
  for (let i = 0; i < inputs && faults.length < FAULTS_CEILING; i++) {
    const mutation = make(subject.fixtures, numbers);
    if (mutation !== undefined) await guarded(subject, mutation, tally, faults);
  }
  return faults;
}

async function guarded(
  subject: Subject,
  mutation: Mutation,
  tally: Tally,
  faults: string[],
): Promise<Outcome> {
  const started = performance.now();
  const outcome = await tryOut(subject, mutation, tally);
  const seconds = (performance.now() - started) / 1000;
  if (seconds > SECONDS_CEILING) faults.push(`${mutation.what}: took ${seconds.toFixed(0)} s`);
  faults.push(...unsafe(outcome, mutation, subject).map((fault) => `${mutation.what}: ${fault}`));
  return outcome;
}

/** A crash that the guard caught is a fault of the reader, unless it is one that crashes when told to. */
function unsafe(outcome: Outcome, mutation: Mutation, subject: Subject): readonly string[] {
  if (outcome.kind === 'several') return outcome.parts.flatMap((part) => unsafe(part, mutation, subject));
  if (outcome.kind === 'scan') return tooMuch(outcome, mutation, subject);
  const crashes =
    subject.converter.manifest.enabledBy === 'fake'
      ? []
      : ['NII_CONVERTER_CRASHED', 'NII_CONVERTER_INCONSISTENT'];
  const isFault = ['NII_INTERNAL', 'NII_CONFIG', ...crashes].includes(outcome.code);
  return isFault ? [`${outcome.code}: ${outcome.detail}`] : [];
}

/** Compression explains this many bytes of samples for each byte of the files, and no more. */
function tooMuch(
  { result }: Extract<Outcome, { kind: 'scan' }>,
  { files }: Mutation,
  { limits, converter }: Subject,
): readonly string[] {
  if (converter.manifest.enabledBy === 'fake') return []; // a text that asks for an image
  const given = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const made = [...result.planes.values()].reduce((sum, plane) => sum + plane.byteLength, 0);
  return made > given * limits.expansionRatio ? [`${made} bytes of samples out of ${given} bytes`] : [];
}
