import { NiiError } from '../../../core/errors.ts';
import { unreachable } from '../../../core/never.ts';
import { securityEvent } from '../../../core/security-event.ts';
import { askModels, type ModelAnswer } from '../../../tools/models/ask.ts';
import { addPackage, recordPackage } from '../../../tools/models/packages.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  invalidOperands,
  textOf,
  type Values,
  WrongUse,
} from '../../command.ts';
import { serviceKey, serviceUrl } from '../../target.ts';
import { json, table } from '../../text.ts';
import { withService } from '../maintenance.ts';
import { comparisonText, daysText } from './comparison-text.ts';
import { listModels, testModel } from './trial.ts';
import { vendorsText } from './vendors-text.ts';

const actions = [
  'list',
  'test',
  'record',
  'add',
  'activate',
  'rollback',
  'shadow',
  'watch',
  'vendors',
] as const;
const DEFAULT_DAYS = 14;
const MOST_DAYS = 90;
type Action = (typeof actions)[number];

/** What stands after each action, and how many operands that are, at least and at most. */
const operandsOf: Readonly<
  Record<Action, { readonly use: string; readonly count: readonly [number, number] }>
> = {
  list: { use: 'list', count: [0, 0] },
  test: { use: 'test PATH', count: [1, 1] },
  record: { use: 'record PATH', count: [1, 1] },
  add: { use: 'add PATH', count: [1, 1] },
  activate: { use: 'activate ID VERSION, or activate ID [VERSION] --confirm', count: [2, 2] },
  rollback: { use: 'rollback ID', count: [1, 1] },
  shadow: { use: 'shadow ID, shadow ID VERSION or shadow ID --off', count: [1, 2] },
  watch: { use: 'watch', count: [0, 0] },
  vendors: { use: 'vendors', count: [0, 0] },
};

export const models: Command = {
  name: 'models',
  summary: 'list, test, add and activate models',
  operands:
    'list | test PATH | record PATH | add PATH | activate ID VERSION | rollback ID | shadow ID [VERSION] | watch | vendors',
  options: {
    timeout: {
      type: 'string',
      help: '<SECONDS> test: limit for each run (NII_LIMIT_INFER_SECONDS)',
    },
    confirm: { type: 'boolean', help: 'activate: confirm the version that another person proposed' },
    off: { type: 'boolean', help: 'shadow: stop the shadow version' },
    days: {
      type: 'string',
      help: `<N> watch, vendors: number of days to look back, 1 to ${MOST_DAYS} (${DEFAULT_DAYS})`,
    },
    url: { type: 'string', help: '<URL> service address (NII_URL)' },
    'key-file': {
      type: 'string',
      help: '<FILE> with an administrator’s key, mode 600 (NII_KEY)',
    },
    'plain-http': { type: 'boolean', help: 'do not warn that the key goes to another machine without TLS' },
  },
  notes: [
    'list      shows all packages in the installation and in NII_MODELS_DIR.',
    'test      runs a file, a package, or a folder with one .onnx file twice on all-zero input, in a separate process. It shows the',
    '          tensors and the adapter that reads them, or the reason for the rejection (exit code 3). Without',
    '          model.json, --json prints "manifest": the part of model.json that follows from the file.',
    'record    writes golden.json into a package: outputs that the model must reproduce before it can score.',
    'add       tests a package and copies it into NII_MODELS_DIR. It scores only after it is activated.',
    'activate  proposes a version; another administrator confirms it with the same command and --confirm. If VERSION is',
    '          given, only a proposal for that version is confirmed.',
    'rollback  returns to the previous version at once; one person is enough.',
    'shadow    lets a version analyse scans alongside the active one, without affecting cases. Without VERSION it compares',
    '          both: alarms, scores, verdicts, outcomes, disagreements, and the largest percentile differences.',
    'watch     shows open beam, dark lines, score quantiles, alarms and expected alarms, by scanner, day and model.',
    'vendors   compares the alarms of vendor algorithms with our models, verdicts and search outcomes, with 95 % intervals.',
    'list, test, record and add work without a service. The other actions need the key of an administrator for all sites.',
  ],
  async run(context, values, operands) {
    const [name, ...rest] = operands;
    const action = actions.find((one) => one === name);
    if (action === undefined) throw new WrongUse(invalidOperands(operands, actions));
    return perform(context, values, action, rest);
  },
};

async function perform(
  context: CliContext,
  values: Values,
  action: Action,
  operands: readonly string[],
): Promise<number> {
  requireOperands(values, action, operands);
  if (action === 'watch') return watchDays(context, values);
  if (action === 'vendors') return compareVendors(context, values);
  if (action === 'list') return listModels(context, values);
  const [first = '', second] = operands;
  switch (action) {
    case 'test':
      return testModel(context, values, first);
    case 'record':
      return record(context, values, first);
    case 'add':
      return add(context, values, first);
    case 'activate':
      return values.confirm === true
        ? act(context, values, first, 'confirmation', {}, (read) => requireProposed(read, second))
        : act(context, values, first, 'activation', { version: second });
    case 'rollback':
      return act(context, values, first, 'rollback', {});
    case 'shadow':
      if (values.off !== true && second === undefined) return report(context, values, first);
      return act(context, values, first, 'shadow', { version: second ?? null });
    default:
      return unreachable(action);
  }
}

/** @throws WrongUse with what the action takes */
function requireOperands(values: Values, action: Action, operands: readonly string[]): void {
  const { use, count } = operandsOf[action];
  const [least, most] = action === 'activate' && values.confirm === true ? [1, 2] : count;
  const isEnough = operands.length >= least && operands.length <= (values.off === true ? 1 : most);
  if (isEnough && operands.every((operand) => operand !== '')) return;
  const wrong =
    operands.length < least ? 'Missing operand for' : `Invalid operands "${operands.join(' ')}" for`;
  throw new WrongUse(`${wrong} ${action}: use nii models ${use}`);
}

/** @throws NII_STATE_CONFLICT where nothing is proposed, or another version than the one that this person names */
function requireProposed({ id, proposal }: ModelAnswer, version: string | undefined): void {
  const proposed = proposal?.terms.active?.version;
  if (proposed === undefined)
    throw new NiiError('NII_STATE_CONFLICT', `No version of "${id}" is proposed: nothing to confirm`);
  if (version === undefined || proposed === version) return;
  const detail = `Version "${proposed}" of "${id}" is proposed, not "${version}": nothing was confirmed`;
  throw new NiiError('NII_STATE_CONFLICT', detail);
}

async function record(context: CliContext, values: Values, folder: string): Promise<number> {
  const recorded = await recordPackage(folder, await context.models());
  const { model, file, runs } = recorded;
  context.terminal.out(
    values.json === true ? json(recorded) : `${model}: ${runs} runs recorded in ${file}\n`,
  );
  return exitCode.done;
}

async function add(context: CliContext, values: Values, folder: string): Promise<number> {
  const tools = await context.models();
  if (tools.folders.length < 2)
    throw new WrongUse('Missing NII_MODELS_DIR: set it to the folder for added models');
  // the records are opened first: nothing is added that the audit cannot say
  return withService(context, async ({ deps }) => {
    const added = await addPackage(folder, tools, new Date());
    const { id, version, sha256 } = added;
    const entry = securityEvent('model added', `${id}@${version}`, { sha256 });
    await deps.records.transaction((tx) => tx.audit(entry));
    const next = `nii models activate ${id} ${version}`;
    context.terminal.out(values.json === true ? json(added) : `${id}@${version} added; next: ${next}\n`);
    return exitCode.done;
  });
}

type Act = Parameters<ReturnType<typeof askModels>['act']>[1];

async function act(
  context: CliContext,
  values: Values,
  id: string,
  what: Act,
  body: object,
  mayAct?: (read: ModelAnswer) => void,
): Promise<number> {
  const answer = await (await client(context, values)).act(id, what, body, mayAct);
  context.terminal.out(values.json === true ? json(answer) : modelText(answer));
  return exitCode.done;
}

/** @throws WrongUse */
function daysOf(values: Values): number {
  const text = textOf(values, 'days') ?? String(DEFAULT_DAYS);
  const days = Number(text);
  if (!/^[0-9]{1,2}$/.test(text) || days < 1 || days > MOST_DAYS)
    throw new WrongUse(`Invalid --days "${text}": use a whole number from 1 to ${MOST_DAYS}`);
  return days;
}

async function watchDays(context: CliContext, values: Values): Promise<number> {
  const found = await (await client(context, values)).days(daysOf(values));
  context.terminal.out(values.json === true ? json(found) : daysText(found));
  return exitCode.done;
}

async function compareVendors(context: CliContext, values: Values): Promise<number> {
  const found = await (await client(context, values)).vendors(daysOf(values));
  context.terminal.out(values.json === true ? json(found) : vendorsText(found));
  return exitCode.done;
}

async function client(context: CliContext, values: Values) {
  const url = serviceUrl(context, values);
  return askModels(url, await serviceKey(context, values, 'an administrator')(), context.signal);
}

async function report(context: CliContext, values: Values, id: string): Promise<number> {
  const ask = await client(context, values);
  const { shadow } = (await ask.model(id)).terms;
  if (shadow === undefined)
    throw new NiiError(
      'NII_NOT_FOUND',
      `No version of "${id}" is in shadow: start one with nii models shadow ${id} VERSION`,
    );
  const found = await ask.comparison(id, shadow.version);
  context.terminal.out(values.json === true ? json(found) : comparisonText(found));
  return exitCode.done;
}

function modelText({ id, versions, proposal }: ModelAnswer): string {
  const rows = versions.map((one) => [id, one.version, one.state, one.sha256.slice(0, 12)]);
  const version = proposal?.terms.active?.version;
  const waits =
    version === undefined
      ? ''
      : `version ${version} is waiting for another administrator: nii models activate ${id} ${version} --confirm\n`;
  return `${table(['model', 'version', 'state', 'sha256'], rows)}${waits}`;
}
