import type { TensorInfo } from '../../../core/ports/inference.ts';
import { type ModelTrial, tryModel } from '../../../tools/models/try-model.ts';
import { type CliContext, exitCode, type Values, wholeNumber } from '../../command.ts';
import { json, table } from '../../text.ts';

const MOST_SECONDS = 3600;

/** Every package of the installation. */
export async function listModels(
  { terminal, trials: openTools }: CliContext,
  values: Values,
): Promise<number> {
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

/** Says of a file or a package whether it would be taken. */
export async function testModel(
  { terminal, trials: openTools }: CliContext,
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
    ...(run === undefined ? [] : [['run', `${run.milliseconds} ms on all-zero input: ${run.says}`]]),
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
