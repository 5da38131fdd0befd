import type { ChildProcess } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type ErrorCode, isNiiError, orList, problemOf } from '../core/errors.ts';
import type { BaseBackups, Recovered, RecoveryTarget } from '../core/ports/base-backups.ts';
import type { JobCounts } from '../core/ports/jobs.ts';
import type { ObjectEncryption, ObjectReads, ObjectWrites } from '../core/ports/objects.ts';
import type { RecordsTx } from '../core/ports/records.ts';
import type { SealWitness } from '../core/ports/seal-witness.ts';
import type { Stores } from '../core/ports/stores.ts';
import type { Erasable, Reachable } from '../core/ports/transactions.ts';
import type { OpenedModel } from '../evaluate/evaluate.ts';
import type { MeasuresDeps } from '../features/measures/measures.ts';
import type { LocalTools } from '../local/local.ts';
import type { ConvertAgainDeps } from '../maintenance/convert-again.ts';
import type { PrivateFolders } from '../maintenance/verify-folders.ts';
import type { StageDeps } from '../tools/bench/stages.ts';
import type { ModelTools } from '../tools/models/packages.ts';
import type { TrialTools } from '../tools/models/try-model.ts';

/** Exit codes that a script can rely on. */
export const exitCode = { done: 0, failed: 1, usage: 2, rejected: 3, unclean: 4 } as const;

/** What a command may use of the world; tests hand in their own. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Puts this in the place of the line that stands there; only of use while a person is watching. */
  readonly overwrite: (line: string) => void;
  /** A person is watching: progress is shown. */
  readonly watched: boolean;
  /** Asks a question that yes or no answers; absent if nobody is there to answer. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

/** Long-running processes, which only the composition root can build. */
export interface Processes {
  /** Runs the API and its workers until the signal; resolves with the address once it answers. */
  serve(signal: AbortSignal, over?: ServeOverrides): Promise<RunningService>;
  work(signal: AbortSignal, supervised?: SupervisedWorker): Promise<void>;
  /** This program again, in a process of its own, with exactly these settings; stdout and stderr are pipes. */
  start(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess;
}

/** What the process that starts a worker says of it. */
export interface SupervisedWorker {
  /** Also ends when that process is no longer this one's parent. */
  readonly parent?: number;
  /** Under which it takes its leases; nobody else's. */
  readonly name?: string;
}

/** What a command decides instead of the settings. */
export interface ServeOverrides {
  readonly port?: number;
  /** Where NII_LOG_LEVEL is not set. */
  readonly logLevel?: string;
  /** Also where NII_ALLOW_ROOT is not set. */
  readonly allowRoot?: boolean;
  /** Lets people in by a link with this token; the demo alone asks for it. */
  readonly demoSignIn?: { readonly token: string; readonly administration: string; readonly site: string };
}

/** Where the service listens and keeps things, by the settings. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Undefined: objects are stored as they are. */
  readonly encryption: { readonly keyFile: string; readonly plain: 'read' | 'reject' } | undefined;
  readonly records: { readonly kind: 'embedded' | 'server' };
  /** The service that client commands speak to. */
  readonly client: { readonly url: string | undefined; readonly key: string | undefined };
}

/** What the commands take of a service, together. */
export type CliDeps = Stores<RecordsTx, ObjectReads & ObjectWrites & Reachable> &
  ConvertAgainDeps &
  StageDeps &
  Pick<MeasuresDeps, 'clock' | 'policy'> & {
    readonly jobs: JobCounts;
    readonly encryption: ObjectEncryption;
    readonly records: Erasable;
    readonly witnesses: readonly SealWitness[];
    readonly baseBackups: BaseBackups | undefined;
    readonly replica: string | undefined;
  };

/** `close` ends what was opened, in the reverse order. */
export interface Service {
  readonly deps: CliDeps;
  /** What nobody else on the machine may read. */
  readonly folders: PrivateFolders;
  close(): Promise<void>;
}

/** What a migration found and did. */
export interface SchemaReport {
  /** The newest migration. */
  readonly schema: string;
  readonly ran: readonly string[];
  /** Who may use the database without owning it. */
  readonly role?: { readonly name: string; readonly mayRewriteAudit: boolean };
}

export interface RunningService {
  readonly address: string;
  /** The same process's parts, for commands that need keys beside the running API. */
  readonly service: Service;
  /** Resolves when everything has ended; rejected where a child of the workers cannot start (NII_CHILD_START). */
  readonly ended: Promise<void>;
}

export interface CliContext {
  readonly terminal: Terminal;
  readonly processes: Processes;
  /** Opens stores and records without listening; by these settings, or by those of the environment. */
  readonly open: (settings?: Readonly<Record<string, string>>) => Promise<Service>;
  /** Recovers the embedded database from its archive into this data folder, or that of the settings, which has no database. */
  readonly recover: (target: RecoveryTarget, into?: string) => Promise<Recovered>;
  /** Brings the database to the schema of this version, as the role that owns it. */
  readonly migrate: () => Promise<SchemaReport>;
  /** Converters and limits, without stores or records. */
  readonly tools: () => Promise<LocalTools>;
  /** What tries models of unknown origin, without stores or records. */
  readonly trials: () => Promise<TrialTools>;
  /** Runs packages of models, without stores or records. */
  readonly models: () => Promise<ModelTools>;
  /** One model package by its folder, without stores or records. */
  readonly model: (folder: string) => Promise<OpenedModel>;
  readonly place: () => Place;
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

/** The one value of a string option, or undefined. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** Every value of a string option that may be repeated. */
export function textsOf(values: Values, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** The options or operands make no sense together: exit code 2, as for an option that does not exist. */
export class WrongUse extends Error {
  override readonly name = 'WrongUse';
}

/** @throws WrongUse when the option is missing */
export function requiredText(values: Values, name: string): string {
  const value = textOf(values, name);
  if (value !== undefined && value !== '') return value;
  throw new WrongUse(`Missing option --${name}`);
}

/** @throws WrongUse for anything but a whole number up to the maximum */
export function wholeNumber(values: Values, name: string, maximum: number): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  if (/^[0-9]{1,15}$/.test(text) && Number(text) <= maximum) return Number(text);
  throw new WrongUse(`Invalid --${name} "${text}": use a whole number from 0 to ${maximum}`);
}

/** @throws WrongUse with the list for anything that is not on it */
export function oneOf<T extends string>(value: string, allowed: readonly T[], name: string): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new WrongUse(`Invalid --${name} "${value}": use ${orList(allowed)}`);
}

/** What is wrong with these operands, and what is allowed. */
export function invalidOperands(operands: readonly string[], allowed: readonly string[]): string {
  const wrong = operands.length === 0 ? 'Missing operand' : `Invalid operands "${operands.join(' ')}"`;
  return `${wrong}: use ${orList(allowed)}`;
}

export type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What stands after the name, for example `FILE…`. */
  readonly operands?: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Extra lines for --help: examples, settings. */
  readonly notes?: readonly string[];
  run(context: CliContext, values: Values, operands: readonly string[]): Promise<number>;
}

const common: Readonly<Record<string, Option>> = {
  help: { type: 'boolean', short: 'h', help: 'show this help' },
  json: { type: 'boolean', help: 'print JSON, for scripts' },
};

/** Parses the arguments of one command, runs it, and turns a rejection into its code and exit status. */
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
    if (error instanceof WrongUse) return wrongUse(command, context, error.message);
    if (context.signal.aborted && error === context.signal.reason) return printInterruption(command, context);
    return printProblem(context, error, parsed.values.json === true);
  }
}

function printInterruption({ name }: Command, { terminal }: CliContext): number {
  terminal.err(`nii ${name}: stopped by a signal before it finished\n`);
  return exitCode.failed;
}

function wrongUse(command: Command, { terminal }: CliContext, message: string): number {
  terminal.err(`nii ${command.name}: ${message}\n`);
  terminal.err(`Try: nii ${command.name} --help\n`);
  return exitCode.usage;
}

function parse(command: Command, context: CliContext, args: readonly string[]) {
  try {
    const options = Object.fromEntries(
      Object.entries({ ...common, ...command.options }).map(([name, { help, ...option }]) => [name, option]),
    );
    return parseArgs({ args: [...args], options, allowPositionals: command.operands !== undefined });
  } catch (error) {
    wrongUse(command, context, argumentError(command, error));
    return undefined;
  }
}

/** What is wrong with the arguments, in the words of the other messages. */
function argumentError(command: Command, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const [, quoted = ''] = /'([^']*)'/.exec(message) ?? [];
  const name = /--?[^-\s,]\S*(?=( <value>)?$)/.exec(quoted)?.[0] ?? quoted;
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `Invalid option ${quoted}: use ${orList(optionNames(command))}`;
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return `Unexpected operand "${quoted}": ${command.name} takes no operands`;
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return message.includes('does not take')
        ? `Unexpected value for ${name}: this option takes no value`
        : `Missing value for ${name}: write a value that begins with "-" as ${name}=VALUE`;
    default:
      return message;
  }
}

function optionNames({ options }: Command): readonly string[] {
  return Object.keys({ ...options, ...common }).map((name) => `--${name}`);
}

/** Their titles speak of HTTP requests, and a command makes none; the detail names the value. */
const aboutRequests: ReadonlySet<ErrorCode> = new Set([
  'NII_BAD_REQUEST',
  'NII_NOT_FOUND',
  'NII_CONFLICT',
  'NII_STATE_CONFLICT',
  'NII_PRECONDITION_FAILED',
  'NII_PRECONDITION_REQUIRED',
]);

/** Prints the problem with its code, or an unexpected error with its stack. Returns the exit code. */
function printProblem({ terminal }: CliContext, error: unknown, json: boolean): number {
  const problem = problemOf(error);
  if (json) terminal.out(`${JSON.stringify({ problem }, null, 2)}\n`);
  const where = problem.offset === undefined ? '' : ` (byte ${problem.offset})`;
  const title = aboutRequests.has(problem.code) ? '' : `${problem.title}. `;
  if (isNiiError(error)) terminal.err(`${problem.code}: ${title}${problem.detail}${where}\n`);
  else
    terminal.err(
      `${problem.code}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  return isNiiError(error) ? exitCode.rejected : exitCode.failed;
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
    'Exit codes: 0 done · 1 failed · 2 incorrect usage · 3 rejected with an error code · 4 finished with problems',
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
