import { type CliContext, type Command, exitCode, runCommand } from './command.ts';

/** Every command by its name, in the order of --help; each has a file of its own, and only the one that runs is loaded. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serve,
  worker: async () => (await import('./commands/serve.ts')).worker,
  info: async () => (await import('./commands/info.ts')).info,
  convert: async () => (await import('./commands/convert.ts')).convert,
  reconvert: async () => (await import('./commands/reconvert.ts')).reconvert,
  formats: async () => (await import('./commands/formats.ts')).formats,
  kit: async () => (await import('./commands/kit.ts')).kit,
  watch: async () => (await import('./commands/watch.ts')).watch,
  keys: async () => (await import('./commands/keys.ts')).keys,
  models: async () => (await import('./commands/models/models.ts')).models,
  measures: async () => (await import('./commands/measures.ts')).measures,
  persons: async () => (await import('./commands/persons.ts')).persons,
  scanners: async () => (await import('./commands/scanners.ts')).scanners,
  migrate: async () => (await import('./commands/migrate.ts')).migrate,
  store: async () => (await import('./commands/store.ts')).store,
  verify: async () => (await import('./commands/maintenance.ts')).verify,
  sweep: async () => (await import('./commands/maintenance.ts')).sweep,
  reindex: async () => (await import('./commands/maintenance.ts')).reindex,
  backup: async () => (await import('./commands/backup.ts')).backup,
  restore: async () => (await import('./commands/backup.ts')).restore,
  drill: async () => (await import('./commands/drill.ts')).drill,
  simulate: async () => (await import('./commands/simulate.ts')).simulate,
  demo: async () => (await import('./commands/demo.ts')).demo,
  bench: async () => (await import('./commands/bench.ts')).bench,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  settings: async () => (await import('./commands/settings.ts')).settings,
};

/** Every command, in the order of --help. */
export function allCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(loaders).map((load) => load()));
}

/** Runs one command and answers its exit code. */
export async function main(context: CliContext, args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    context.terminal.out(overview(await allCommands(), context));
    return name === undefined ? exitCode.usage : exitCode.done;
  }
  if (name === '--version') {
    context.terminal.out(`nii-hub ${context.version}\n`);
    return exitCode.done;
  }
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (load !== undefined) return runCommand(await load(), context, rest);
  context.terminal.err(`nii: Invalid command "${name}": nii --help lists all commands\n`);
  return exitCode.usage;
}

function overview(commands: readonly Command[], { version }: CliContext): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    'nii — convert customs X-ray scans to one open standard',
    '',
    ...lines,
    '',
    'nii COMMAND --help shows the options.',
    `nii-hub ${version}`,
    '',
  ].join('\n');
}
