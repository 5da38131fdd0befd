import { backup, restore } from './backup.ts';
import { bench } from './bench.ts';
import { type CliContext, type Command, exitCode, runCommand } from './command.ts';
import { convert } from './convert.ts';
import { converter } from './converter.ts';
import { converters } from './converters.ts';
import { demo } from './demo.ts';
import { info } from './info.ts';
import { keys } from './keys.ts';
import { kit } from './kit.ts';
import { reindex, sweep, verify } from './maintenance.ts';
import { scanners } from './scanners.ts';
import { serve, worker } from './serve.ts';
import { settings } from './settings.ts';
import { simulate } from './simulate.ts';
import { watch } from './watch.ts';

/** Every command, in the order of --help; each has a file of its own. */
export const commands: readonly Command[] = [
  serve,
  worker,
  info,
  convert,
  converter,
  converters,
  kit,
  watch,
  keys,
  scanners,
  verify,
  sweep,
  reindex,
  backup,
  restore,
  simulate,
  demo,
  bench,
  settings,
];

/** Runs one command and answers its exit code. */
export async function main(context: CliContext, args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    context.terminal.out(overview(context));
    return name === undefined ? exitCode.usage : exitCode.done;
  }
  if (name === '--version') {
    context.terminal.out(`nii-hub ${context.version}\n`);
    return exitCode.done;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return runCommand(command, context, rest);
  context.terminal.err(`nii: there is no command ${name}\nTry: nii --help\n`);
  return exitCode.usage;
}

function overview({ version }: CliContext): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    'nii — customs X-ray scans into one open standard',
    '',
    ...lines,
    '',
    'nii COMMAND --help says more.',
    `nii-hub ${version}`,
    '',
  ].join('\n');
}
