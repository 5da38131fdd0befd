import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Arguments of Node with which memory is collected in one go, in 10 to 20 ms, and not beside the work. V8 marks all that is held
 * whenever 64 MiB of buffers were made, which for a scan of 25 MB is seven times; marked beside the work it took a
 * quarter of a worker's processor time on two cores. Decision 45 has the figures; the launcher in scripts/build.mjs
 * has the same.
 */
export const WHOLE_COLLECTIONS = ['--no-concurrent-marking', '--no-incremental-marking'] as const;

/** A program with its arguments. */
export type CommandLine = readonly [program: string, ...args: string[]];

/** Of a program of Node. */
export function nodeCommand(program: string, args: readonly string[]): CommandLine {
  return [process.execPath, ...WHOLE_COLLECTIONS, program, ...args];
}

/** Puts another program before the one that is to be started, which contains or limits it. */
export type Launch = (command: CommandLine) => CommandLine;

const run = promisify(execFile);

/** setpriv(1) of util-linux. */
const SETPRIV = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;

let bound: Promise<Launch> | undefined;

/**
 * On Linux the kernel kills the child when its parent is gone, even one that hangs. Where setpriv is missing, or is
 * another one, a child that hangs outlives a parent that was killed.
 */
export function endWithParent(): Promise<Launch> {
  bound ??= run(SETPRIV[0], [...SETPRIV.slice(1), 'true']).then(
    () => (command) => [...SETPRIV, ...command],
    () => (command) => command,
  );
  return bound;
}

/** Of the environment only these: no key, address or password of the service reaches a child. */
const KEPT = ['PATH', 'TMPDIR', 'TEMP', 'SystemRoot', 'LD_LIBRARY_PATH', 'NODE_ENV'];

export function bareEnvironment(): NodeJS.ProcessEnv {
  const kept = KEPT.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined));
}
