import { parseArgs } from 'node:util';
import { isNiiError, problemOf } from '../core/errors.ts';
import type { Service } from '../pipeline/deps.ts';

/** Exit codes that a script can rely on. */
export const exitCode = { done: 0, failed: 1, usage: 2, refused: 3, unclean: 4 } as const;

/** What a command may use of the world; tests hand in their own. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** A person is watching: progress is shown. */
  readonly watched: boolean;
}

/** Long-running processes, which only the composition root can build. */
export interface Processes {
  /** Runs the API and its workers until the signal; resolves with the address once it answers. */
  serve(signal: AbortSignal): Promise<RunningService>;
  work(signal: AbortSignal): Promise<void>;
}

export interface RunningService {
  readonly address: string;
  /** The same process's parts, for commands that need keys beside the running API. */
  readonly service: Service;
  /** Resolves when everything has ended. */
  readonly ended: Promise<void>;
}

export interface CliContext {
  readonly terminal: Terminal;
  readonly processes: Processes;
  /** Opens stores and records without listening. */
  readonly open: () => Promise<Service>;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly version: string;
  /** Every setting with what it means. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  readonly default?: string | boolean;
  /** Shown in --help; `<value>` in front for strings. */
  readonly help: string;
}

export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What stands behind the name, for example `FILE…`. */
  readonly operands?: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Extra lines for --help: examples, settings. */
  readonly notes?: readonly string[];
  run(context: CliContext, values: Values, operands: readonly string[]): Promise<number>;
}

const common: Readonly<Record<string, Option>> = {
  help: { type: 'boolean', short: 'h', help: 'show this' },
  json: { type: 'boolean', help: 'print JSON, for scripts' },
};

/** Parses the arguments of one command, runs it, and turns a refusal into its code and exit status. */
export async function runCommand(
  command: Command,
  context: CliContext,
  args: readonly string[],
): Promise<number> {
  const parsed = parse(command, context, args);
  if (parsed === undefined) return exitCode.usage;
  if (parsed.values.help === true) {
    context.terminal.out(helpOf(command, context));
    return exitCode.done;
  }
  try {
    return await command.run(context, parsed.values, parsed.positionals);
  } catch (error) {
    return refuse(context, error, parsed.values.json === true);
  }
}

function parse(command: Command, { terminal }: CliContext, args: readonly string[]) {
  try {
    const options = Object.fromEntries(
      Object.entries({ ...common, ...command.options }).map(([name, { help, ...option }]) => [name, option]),
    );
    return parseArgs({ args: [...args], options, allowPositionals: command.operands !== undefined });
  } catch (error) {
    terminal.err(`nii ${command.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    terminal.err(`Try: nii ${command.name} --help\n`);
    return undefined;
  }
}

/** Prints the problem with its code; anything unexpected with what helps to report it. */
function refuse({ terminal }: CliContext, error: unknown, json: boolean): number {
  const problem = problemOf(error);
  if (json) terminal.out(`${JSON.stringify({ problem }, null, 2)}\n`);
  const where = problem.offset === undefined ? '' : ` (byte ${problem.offset})`;
  if (isNiiError(error)) terminal.err(`${problem.code}: ${problem.title}. ${problem.detail}${where}\n`);
  else
    terminal.err(
      `${problem.code}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  return isNiiError(error) ? exitCode.refused : exitCode.failed;
}

function helpOf(command: Command, { version }: CliContext): string {
  const operands = command.operands === undefined ? '' : ` ${command.operands}`;
  const options = Object.entries({ ...command.options, ...common });
  const names = options.map(([name, option]) => nameOf(name, option));
  const width = Math.max(...names.map((name) => name.length));
  return [
    `nii ${command.name}${operands} — ${command.summary}`,
    '',
    ...options.map(([, option], i) => `  ${(names[i] ?? '').padEnd(width)}  ${helpText(option)}`),
    ...(command.notes === undefined ? [] : ['', ...command.notes]),
    '',
    'Exit: 0 done · 1 failed · 2 wrong use · 3 refused with a code · 4 finished, but not clean',
    `nii-hub ${version}`,
    '',
  ].join('\n');
}

function nameOf(name: string, { type, short, help }: Option): string {
  const value = type === 'string' ? ` ${/^<[^>]+>/.exec(help)?.[0] ?? '<value>'}` : '';
  return `${short === undefined ? '' : `-${short}, `}--${name}${value}`;
}

function helpText({ help, default: fallback }: Option): string {
  const text = help.replace(/^<[^>]+> /, '');
  return fallback === undefined || fallback === false ? text : `${text} (${String(fallback)})`;
}
