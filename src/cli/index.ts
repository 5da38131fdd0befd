import { type CliContext, type Command, exitCode, runCommand } from './command.ts';
import { backup, restore } from './commands/backup.ts';
import { bench } from './commands/bench.ts';
import { convert } from './commands/convert.ts';
import { converter } from './commands/converter.ts';
import { converters } from './commands/converters.ts';
import { demo } from './commands/demo.ts';
import { drill } from './commands/drill.ts';
import { formats } from './commands/formats.ts';
import { info } from './commands/info.ts';
import { keys } from './commands/keys.ts';
import { kit } from './commands/kit.ts';
import { reindex, sweep, verify } from './commands/maintenance.ts';
import { measures } from './commands/measures/measures.ts';
import { migrate } from './commands/migrate.ts';
import { persons } from './commands/persons.ts';
import { reconvert } from './commands/reconvert.ts';
import { scanners } from './commands/scanners.ts';
import { serve, worker } from './commands/serve.ts';
import { settings } from './commands/settings.ts';
import { simulate } from './commands/simulate.ts';
import { watch } from './commands/watch.ts';

/** Every command, in the order of --help; each has a file of its own. */
export const commands: readonly Command[] = [
  serve,
  worker,
  info,
  convert,
  reconvert,
  formats,
  converter,
  converters,
  kit,
  watch,
  keys,
  measures,
  persons,
  scanners,
  migrate,
  verify,
  sweep,
  reindex,
  backup,
  restore,
  drill,
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
  context.terminal.err(`nii: Invalid command "${name}": nii --help lists all commands\n`);
  return exitCode.usage;
}

function overview({ version }: CliContext): string {
  const current = commands.filter(({ deprecated }) => deprecated === undefined);
  const width = Math.max(...current.map((command) => command.name.length));
  const lines = current.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
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
