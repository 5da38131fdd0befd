import { ANY_SITE } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { isNiiError, type Problem, problemOf } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Transactions } from '../../core/ports/transactions.ts';
import type { FieldChange } from '../../core/scan/difference.ts';
import {
  type Again,
  type ConvertAgainDeps,
  convertAgain,
  type Selection,
  selected,
} from '../../maintenance/convert-again.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  type Option,
  requiredText,
  textOf,
  type Values,
  WrongUse,
} from '../command.ts';
import { progressOf } from '../progress.ts';
import { json } from '../text.ts';
import { withService } from './maintenance.ts';

const options: Readonly<Record<string, Option>> = {
  administration: { type: 'string', help: '<NAME> administration that the scans belong to' },
  scan: { type: 'string', help: '<ID> only this scan' },
  converter: { type: 'string', help: '<ID> only scans read by this converter' },
  outdated: { type: 'boolean', help: 'only scans converted by an older converter version' },
  all: { type: 'boolean', help: 'every scan of the administration' },
  'dry-run': { type: 'boolean', help: 'show the difference and change nothing' },
  force: { type: 'boolean', help: 'create a new revision even if nothing changes' },
};

interface Failed {
  readonly scanId: string;
  readonly problem: Problem;
}

export const reconvert: Command = {
  name: 'reconvert',
  summary: 'convert stored scans again, and create new revisions if something changes',
  options,
  notes: [
    'nii reconvert --administration NAME (--scan ID | --converter ID | --outdated | --all) [--dry-run]',
    "This command uses the service's stores. You can use it while the service runs. The workers convert and",
    'analyse the new revision.',
  ],
  run: reconvertStored,
};

/** Converts stored scans again, or shows what that would change. */
async function reconvertStored(
  context: CliContext,
  values: Values,
  operands: readonly string[],
): Promise<number> {
  if (operands.length > 0)
    throw new WrongUse(`Unexpected operand "${operands.join(' ')}": select a stored scan with --scan ID`);
  const administration = requiredText(values, 'administration');
  const selection = selectionOf(values);
  return withService(context, async ({ deps }) => {
    const progress = progressOf(context.terminal, 'scans reconverted');
    const done: Again[] = [];
    const failed: Failed[] = [];
    for await (const outcome of outcomes(deps, administration, selection, values)) {
      if ('problem' in outcome) failed.push(outcome);
      else done.push(outcome);
      progress.count(done.length + failed.length);
    }
    progress.end();
    context.terminal.out(values.json === true ? json({ scans: done, failed }) : text(done));
    for (const { scanId, problem } of failed)
      context.terminal.err(`${problem.code}: scan ${scanId}: ${problem.title}. ${problem.detail}\n`);
    return failed.length === 0 ? exitCode.done : exitCode.rejected;
  });
}

function selectionOf(values: Values): Selection {
  const scanId = textOf(values, 'scan');
  const converter = textOf(values, 'converter');
  const outdated = values.outdated === true;
  if (scanId === undefined && converter === undefined && !outdated && values.all !== true)
    throw new WrongUse('No scans selected: use --scan ID, --converter ID, --outdated or --all');
  return {
    outdated,
    ...defined({ scanId, converter }),
  };
}

async function* outcomes(
  deps: ConvertAgainDeps & { readonly records: Transactions<Tx<'scan' | 'scans' | 'revision'>> },
  administration: string,
  selection: Selection,
  values: Values,
): AsyncGenerator<Again | Failed> {
  const actor = { keyId: 'command-line', role: 'administrator', administration, site: ANY_SITE } as const;
  const how = { dryRun: values['dry-run'] === true, force: values.force === true };
  const scope = { administration, site: ANY_SITE };
  for await (const scan of selected(deps, scope, selection)) {
    try {
      yield await convertAgain(deps, { actor }, scan.id, how);
    } catch (error) {
      if (!isNiiError(error)) throw error;
      yield { scanId: scan.id, problem: problemOf(error) };
    }
  }
}

function text(done: readonly Again[]): string {
  const changed = done.filter(({ difference }) => !difference.same);
  const made = done.filter(({ madeRevision }) => madeRevision !== undefined).length;
  const lines = changed.flatMap(describe);
  return `${[...lines, `${done.length} scans checked, ${changed.length} differ, ${made} new revisions`].join('\n')}\n`;
}

function describe({ scanId, revision, converter, difference, madeRevision }: Again): readonly string[] {
  const { id, was, now } = converter;
  const to = madeRevision === undefined ? '' : `, new revision ${madeRevision}`;
  return [
    `scan ${scanId} revision ${revision}: ${id} ${was} → ${now}; ${difference.before} → ${difference.after}${to}`,
    ...difference.channels.flatMap(({ channel, change, fields }) => [
      `  channel ${channel}: ${change}`,
      ...fields.map((field) => `  channel ${channel} ${fieldText(field)}`),
    ]),
    ...difference.fields.map((field) => `  ${fieldText(field)}`),
    ...(difference.omitted === 0 ? [] : [`  and ${difference.omitted} more fields`]),
  ];
}

function fieldText({ path, before, after }: FieldChange): string {
  return `${path}: ${shown(before)} → ${shown(after)}`;
}

const SHOWN = 120;

function shown(value: unknown): string {
  const written = value === undefined ? '(absent)' : JSON.stringify(value);
  return written.length <= SHOWN ? written : `${written.slice(0, SHOWN)}…`;
}
