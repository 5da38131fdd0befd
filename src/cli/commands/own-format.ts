import { resolve } from 'node:path';
import { NiiError } from '../../core/errors.ts';
import { type ContractResult, defaultEffort } from '../../tools/contract/contract.ts';
import { runGuardedContract } from '../../tools/contract/guarded.ts';
import { generators, newPackage } from '../../tools/contract/new-package.ts';
import { type Grade, gradeNames } from '../../tools/contract/ratings.ts';
import {
  type CliContext,
  exitCode,
  type Option,
  oneOf,
  textOf,
  type Values,
  wholeNumber,
} from '../command.ts';
import { progressOf } from '../progress.ts';
import { json } from '../text.ts';

const MOST_INPUTS = 10_000_000;
const LARGEST_SEED = 0xffffffff;

/** Options of both actions. */
export const ownFormatOptions: Readonly<Record<string, Option>> = {
  reader: {
    type: 'boolean',
    help: 'new: create a reader written in code, and a test for it, instead of a layout',
  },
  dir: { type: 'string', help: '<DIR> new: parent folder (the current folder)' },
  generator: {
    type: 'string',
    default: 'node',
    help: `<LANGUAGE> new: language of the fixture generator, ${generators.join(' or ')}`,
  },
  fuzz: {
    type: 'string',
    help: `<N> test: number of changed and random inputs (${defaultEffort.inputs})`,
  },
  seed: {
    type: 'string',
    help: `<N> test: seed of the changed and random inputs (${defaultEffort.seed})`,
  },
};

/** Writes a package to start from. */
export async function createFormat(context: CliContext, values: Values, name: string): Promise<number> {
  const { terminal } = context;
  const { converters } = await context.tools();
  if (converters.some(({ manifest }) => manifest.id === name))
    throw new NiiError(
      'NII_CONFLICT',
      `Invalid name "${name}": an installed format already has this name; use a different one`,
    );
  const generator = oneOf(textOf(values, 'generator') ?? 'node', generators, 'generator');
  const made = { generator, reader: values.reader === true };
  const folder = await newPackage(name, textOf(values, 'dir') ?? '.', made);
  terminal.out(values.json === true ? json({ folder }) : `${folder}\nNext: nii formats test ${folder}\n`);
  return exitCode.done;
}

/** Holds a package to the contract. */
export async function testFormat(context: CliContext, values: Values, dir: string): Promise<number> {
  const folder = resolve(dir);
  const { converters } = await context.tools();
  const others = converters.map((one) => one.folder).filter((other) => resolve(other) !== folder);
  const progress = progressOf(context.terminal, 'inputs tried');
  const effort = {
    ...defaultEffort,
    inputs: wholeNumber(values, 'fuzz', MOST_INPUTS) ?? defaultEffort.inputs,
    seed: wholeNumber(values, 'seed', LARGEST_SEED) ?? defaultEffort.seed,
  };
  const result = await runGuardedContract({
    folder,
    others,
    effort,
    progress: (_, inputs) => progress.count(inputs),
  });
  progress.end();
  context.terminal.out(values.json === true ? json(result) : describe(result));
  return result.ok ? exitCode.done : exitCode.failed;
}

function describe({
  converter: { id, version },
  claims,
  outcomes,
  seed,
  ratings,
  ok,
}: ContractResult): string {
  const lines = claims.flatMap(({ name, ok: holds, inputs, faults }) => [
    `  ${holds ? 'ok  ' : 'FAIL'}  ${name} (${inputs} inputs)`,
    ...faults.map((fault) => `          ${fault}`),
  ]);
  const counts = Object.entries(outcomes).map(([word, count]) => `${count} ${word}`);
  const grades = Object.entries(ratings ?? {}).map(
    ([name, grade]: readonly [string, Grade | null]) => `${name} ${grade === null ? '-' : gradeNames[grade]}`,
  );
  return [
    `${id} ${version}`,
    ...lines,
    `  outcomes: ${counts.join(', ')} (seed ${seed})`,
    ...(grades.length === 0 ? [] : [`  ratings: ${grades.join(', ')}`]),
    ok ? 'The package passes the contract.' : 'The package does not pass the contract.',
    '',
  ].join('\n');
}
