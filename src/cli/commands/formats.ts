import { NiiError } from '../../core/errors.ts';
import { ratingsBeside } from '../../tools/contract/rated-formats.ts';
import { gradeNames, type Ratings } from '../../tools/contract/ratings.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  invalidOperands,
  type Values,
  WrongUse,
} from '../command.ts';
import { json, table } from '../text.ts';
import { createFormat, ownFormatOptions, testFormat } from './own-format.ts';

const rated = [
  'pixels',
  'metadata',
  'openness',
  'presence',
  'utility',
] as const satisfies readonly (keyof Ratings)[];

const actions = ['list', 'show ID', 'new NAME', 'test DIR'];

export const formats: Command = {
  name: 'formats',
  summary: 'list and show supported formats, create and test a new one',
  operands: 'list | show ID | new NAME | test DIR',
  options: ownFormatOptions,
  notes: [
    'list  shows every supported format with its ratings (docs/reference/formats.md).',
    'show  shows the files of a format, the basis of each fact, and the package folder.',
    'new   creates a package that passes its tests; with --reader it has a reader in code, its test and a sample.',
    'test  tests a package in a separate process, with its fixtures, those of all other packages, truncated files, and',
    '      changed and random bytes. The exit code is 1 if the package breaks a rule of the contract.',
    '',
    'docs/how-to/converter-guide.md explains every step.',
  ],
  async run(context, values, operands) {
    const [action, operand, ...rest] = operands;
    if (action === 'list' && operand === undefined) return list(context, values);
    if (operand === undefined || rest.length > 0) throw new WrongUse(invalidOperands(operands, actions));
    if (action === 'show') return show(context, values, operand);
    if (action === 'new') return createFormat(context, values, operand);
    if (action === 'test') return testFormat(context, values, operand);
    throw new WrongUse(invalidOperands(operands, actions));
  },
};

async function list(context: CliContext, values: Values): Promise<number> {
  const { converters: installed } = await context.tools();
  const rows = await Promise.all(
    installed.map(async (one) => {
      const { id, version, title, formats, layout } = one.manifest;
      const ratings = (await ratingsBeside(one)) ?? null;
      return { id, version, title, formats, code: layout === undefined, ratings };
    }),
  );
  context.terminal.out(
    values.json === true
      ? json(rows)
      : table(
          ['id', 'version', ...rated, 'title'],
          rows.map(({ id, version, title, ratings }) => [id, version, ...gradesOf(ratings), title]),
        ),
  );
  return exitCode.done;
}

function gradesOf(ratings: Ratings | null): readonly string[] {
  return rated.map((name) => gradeNames[ratings?.[name] ?? 0] || '-');
}

async function show(context: CliContext, values: Values, id: string): Promise<number> {
  const { converters: installed } = await context.tools();
  const found = installed.find(({ manifest }) => manifest.id === id);
  if (found === undefined)
    throw new NiiError('NII_NOT_FOUND', `Unknown format "${id}": nii formats list shows all`);
  const { manifest, folder, reader } = found;
  const { version, title, about } = manifest;
  const ratings = (await ratingsBeside(found)) ?? null;
  const shown = {
    id,
    version,
    title,
    formats: manifest.formats,
    folder,
    code: reader !== undefined,
    about,
    ratings,
  };
  if (values.json === true) {
    context.terminal.out(json(shown));
    return exitCode.done;
  }
  const facts = (about?.facts ?? []).map(({ of, fact, basis }) => `  ${of}: ${fact} (${basis})`);
  const lines = [
    `${id} ${version}: ${title}`,
    `files   ${about?.files ?? 'not stated'}`,
    `read by ${reader === undefined ? 'a layout without code' : 'a reader in code'}`,
    `folder  ${folder}`,
    ...(facts.length === 0 ? [] : ['based on', ...facts]),
    '',
  ];
  context.terminal.out(lines.join('\n'));
  return exitCode.done;
}
