import { ANY_SITE } from '../../core/access.ts';
import { defined } from '../../core/defined.ts';
import { isNiiError, type Problem, problemOf } from '../../core/errors.ts';
import type { FieldChange } from '../../core/scan/difference.ts';
import {
  type Again,
  type ConvertAgainDeps,
  convertAgain,
  type Selection,
  selected,
} from '../../upkeep/convert-again.ts';
import {
  type CliContext,
  exitCode,
  type Option,
  requiredText,
  textOf,
  type Values,
  WrongUse,
} from '../command.ts';
import { progressOf } from '../progress.ts';
import { json } from '../table.ts';
import { withService } from './maintenance.ts';

/** Options of `nii convert --again`, which works on stored scans instead of files. */
export const againOptions: Readonly<Record<string, Option>> = {
  again: {
    type: 'boolean',
    help: 'convert stored originals again, as new revisions where something changes',
  },
  administration: { type: 'string', help: '<NAME> with --again: whose scans' },
  scan: { type: 'string', help: '<ID> with --again: this scan only' },
  converter: { type: 'string', help: '<ID> with --again: scans of this converter only' },
  outdated: { type: 'boolean', help: 'with --again: only what an older version of its converter made' },
  all: { type: 'boolean', help: 'with --again: every scan of the administration' },
  'dry-run': { type: 'boolean', help: 'with --again: show the difference and change nothing' },
  force: { type: 'boolean', help: 'with --again: a new revision even where nothing changes' },
};

export const againNotes = [
  'nii convert --again --administration NAME (--scan ID | --converter ID | --outdated | --all) [--dry-run]',
  'works on the stores of the service, also while it runs: the new revision is converted and analysed by its workers.',
] as const;

interface Failed {
  readonly scanId: string;
  readonly problem: Problem;
}

/** Converts stored scans again, or shows what that would change. */
export async function convertStoredAgain(
  context: CliContext,
  values: Values,
  operands: readonly string[],
): Promise<number> {
  if (operands.length > 0) throw new WrongUse('--again works on stored scans and takes no files');
  const administration = requiredText(values, 'administration');
  const selection = selectionOf(values);
  return withService(context, async ({ deps }) => {
    const progress = progressOf(context.terminal, 'scans converted again');
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
    return failed.length === 0 ? exitCode.done : exitCode.refused;
  });
}

function selectionOf(values: Values): Selection {
  const scanId = textOf(values, 'scan');
  const converter = textOf(values, 'converter');
  const outdated = values.outdated === true;
  if (scanId === undefined && converter === undefined && !outdated && values.all !== true)
    throw new WrongUse('say which: --scan ID, --converter ID, --outdated, or --all');
  return {
    outdated,
    ...defined({ scanId, converter }),
  };
}

async function* outcomes(
  deps: ConvertAgainDeps,
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
  return `${[...lines, `${done.length} scans looked at, ${changed.length} differ, ${made} new revisions`].join('\n')}\n`;
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
