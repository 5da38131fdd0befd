#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { CliContext, ServeOverrides } from './cli/command.ts';
import { main } from './cli/index.ts';
import { visible } from './cli/text.ts';
import { type Config, readConfig, settings } from './config.ts';
import { defined } from './core/defined.ts';
import type { Log } from './core/ports/process.ts';
import { makeLog } from './log.ts';
import { startProgram } from './program.ts';
import { installedPath } from './runtime/installed.ts';

// What a command does not use is not loaded: most of them do without the service.
const wiring = () => import('./wiring.ts');

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());
// A reader that closes the pipe early, as `head` does, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const version = packageVersion();
const context: CliContext = {
  terminal: {
    out: (text) => process.stdout.write(visible(text)),
    err: (text) => process.stderr.write(visible(text)),
    overwrite: (line) => process.stderr.write(`\r\x1b[K${visible(line)}`),
    watched: process.stderr.isTTY === true,
    ...defined({ confirm: process.stdin.isTTY && process.stderr.isTTY ? confirm : undefined }),
  },
  processes: {
    serve: async (signal, over) => {
      const config = keepPrivate(withOverrides(readConfig(process.env), over));
      return (await import('./serve.ts')).serve(config, signal, version, over?.demoSignIn);
    },
    work: async (signal, supervised) => {
      const config = keepPrivate(readConfig(process.env));
      return (await import('./work.ts')).work(config, signal, supervised);
    },
    start: (args, env) => startProgram(args, env, 'pipe'),
  },
  open: async (wanted) => {
    const env: NodeJS.ProcessEnv = wanted ?? process.env;
    const config = keepPrivate(readConfig(env));
    return (await wiring()).openService(config, ofCommand(config, env));
  },
  recover: async (target, into) => {
    const config = keepPrivate(readConfig(process.env));
    return (await wiring()).recoverRecords(config, target, ofCommand(config, process.env), into);
  },
  migrate: async () => {
    const config = keepPrivate(readConfig(process.env));
    return (await wiring()).migrateRecords(config, ofCommand(config, process.env));
  },
  tools: async () => {
    const config = readConfig(process.env);
    return {
      converters: await (await wiring()).openConverters(config),
      limits: config.limits,
      signal: stop.signal,
    };
  },
  trials: async () => (await wiring()).trialTools(readConfig(process.env)),
  models: async () => (await wiring()).modelTools(readConfig(process.env)),
  model: async (folder) => (await wiring()).openModelFolder(folder, readConfig(process.env)),
  place: () => readConfig(process.env),
  signal: stop.signal,
  version,
  settings,
};

/** Anything but "y" or "yes" means no; so does a signal. */
async function confirm(question: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question(`${visible(question)} [y/N] `, { signal: stop.signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
}

/** A command says what went wrong itself; its log begins with warnings. */
function ofCommand(config: Config, env: NodeJS.ProcessEnv): Log {
  return makeLog({ ...config, logLevel: env.NII_LOG_LEVEL ?? 'warn' }, 'cli');
}

/** What the service keeps is for its own user alone: folders 0700, files 0600. */
function keepPrivate(config: Config): Config {
  process.umask(0o077);
  return config;
}

process.exitCode = await main(context, process.argv.slice(2));

function withOverrides(config: Config, over: ServeOverrides = {}): Config {
  const { port = config.port, logLevel = config.logLevel, allowRoot = config.allowRoot } = over;
  return { ...config, port, allowRoot, logLevel: process.env.NII_LOG_LEVEL ?? logLevel };
}

function packageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(installedPath('package.json'), 'utf8'));
  const found =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof found === 'string' ? found : 'unknown';
}
