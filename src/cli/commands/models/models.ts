import type { TensorInfo } from '../../../core/ports/inference.ts';
import type { ModelTrial } from '../../../tools/models/try-model.ts';
import { tryModel } from '../../../tools/models/try-model.ts';
import {
  type CliContext,
  type Command,
  exitCode,
  invalidOperands,
  type Values,
  WrongUse,
  wholeNumber,
} from '../../command.ts';
import { json, table } from '../../table.ts';

const actions = ['list', 'test PATH'];
const MOST_SECONDS = 3600;

export const models: Command = {
  name: 'models',
  summary: 'the models: list those that are installed, test a file or a package',
  operands: 'list | test PATH',
  options: {
    timeout: {
      type: 'string',
      help: '<SECONDS> test: for each run, NII_LIMIT_INFER_SECONDS unless given',
    },
  },
  notes: [
    'list  every package of the installation and of NII_MODELS_DIR.',
    'test  a file, a package, or a folder with one .onnx: its tensors, the adapter that reads it or why it is rejected,',
    '      and two runs on zeros in a process of its own. Exit code 3 when it is rejected.',
    '      Without model.json, --json prints "manifest": the part of it that the file decides.',
    '',
    'docs/models.md lists the families of exports, and model.json field by field.',
  ],
  async run(context, values, operands) {
    const [action, path, ...rest] = operands;
    if (action === 'list' && path === undefined) return list(context, values);
    if (action === 'test' && path !== undefined && rest.length === 0) return test(context, values, path);
    throw new WrongUse(invalidOperands(operands, actions));
  },
};

async function list({ terminal, models: openTools }: CliContext, values: Values): Promise<number> {
  const packages = await (await openTools()).packages();
  const rows = packages.map(({ manifest: { id, version, task, output, licence, sha256, title } }) => ({
    id,
    version,
    task,
    adapter: output.adapter,
    licence,
    sha256,
    title,
  }));
  const columns = ['id', 'version', 'task', 'adapter', 'licence', 'title'] as const;
  terminal.out(
    values.json === true
      ? json(rows)
      : table(
          columns,
          rows.map((row) => columns.map((column) => row[column])),
        ),
  );
  return exitCode.done;
}

async function test(
  { terminal, models: openTools }: CliContext,
  values: Values,
  path: string,
): Promise<number> {
  const tools = await openTools();
  const inferSeconds = wholeNumber(values, 'timeout', MOST_SECONDS) ?? tools.limits.inferSeconds;
  const trial = await tryModel({ ...tools, limits: { ...tools.limits, inferSeconds } }, path);
  terminal.out(values.json === true ? json(trial) : describe(trial));
  return trial.accepted ? exitCode.done : exitCode.rejected;
}

function describe({
  name,
  accepted,
  adapter,
  inputs,
  outputs,
  producer,
  licence,
  run,
  problem,
}: ModelTrial): string {
  const lines = [
    ...optional('made by', producer),
    ...optional('licence', licence),
    ...(inputs ?? []).map((tensor) => ['input', tensorText(tensor)]),
    ...(outputs ?? []).map((tensor) => ['output', tensorText(tensor)]),
    ...optional('adapter', adapter),
    ...(run === undefined ? [] : [['run', `${run.milliseconds} ms on zeros: ${run.says}`]]),
    ...(problem === undefined ? [] : [['rejected', `${problem.code}: ${problem.title}. ${problem.detail}`]]),
  ];
  const width = Math.max(0, ...lines.map(([field = '']) => field.length));
  const text = lines.map(([field = '', value = '']) => `  ${field.padEnd(width)}  ${value}\n`);
  return `${name}: ${accepted ? 'accepted' : 'rejected'}\n${text.join('')}`;
}

function optional(field: string, value: string | undefined): readonly (readonly string[])[] {
  return value === undefined ? [] : [[field, value]];
}

function tensorText({ name, type, shape }: TensorInfo): string {
  return `${name} ${type}[${shape.join(', ')}]`;
}
