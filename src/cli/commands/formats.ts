import { NiiError } from '../../core/errors.ts';
import { ratingsBeside } from '../../tools/contract/rated-formats.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  invalidOperands,
  type Values,
  WrongUse,
} from '../command.ts';
import { json } from '../table.ts';
import { converter, createFormat, testFormat } from './converter.ts';
import { converters } from './converters.ts';

const actions = ['list', 'show ID', 'new NAME', 'test DIR'];

export const formats: Command = {
  name: 'formats',
  summary: 'the formats that are read: list and show them, start a new one, test one',
  operands: 'list | show ID | new NAME | test DIR',
  options: converter.options,
  notes: [
    'list  every format that is read, with its ratings (docs/reference/formats.md).',
    'show  one format: what its files are, what that rests on, and where its package is.',
    'new   writes a package that is green as it is; with --reader NAME a working reader in code, its test and a sample.',
    'test  offers a package its fixtures, those of all other packages, cut files, changed bytes and random bytes, in a',
    '      process of its own. Exit code 1 when a claim does not hold.',
    '',
    'docs/how-to/converter-guide.md goes from an unknown file to a green contract.',
  ],
  async run(context, values, operands) {
    const [action, operand, ...rest] = operands;
    if (action === 'list' && operand === undefined) return converters.run(context, values, []);
    if (operand === undefined || rest.length > 0) throw new WrongUse(invalidOperands(operands, actions));
    if (action === 'show') return show(context, values, operand);
    if (action === 'new') return createFormat(context, values, operand);
    if (action === 'test') return testFormat(context, values, operand);
    throw new WrongUse(invalidOperands(operands, actions));
  },
};

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
    ...(facts.length === 0 ? [] : ['rests on', ...facts]),
    '',
  ];
  context.terminal.out(lines.join('\n'));
  return exitCode.done;
}
