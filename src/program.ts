import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { WHOLE_COLLECTIONS } from './runtime/children/command-line.ts';
import { fromSources, installedPath } from './runtime/installed.ts';

/**
 * This program again with other arguments, with a channel for messages where its output is this one's;
 * through tsx where this one runs from them.
 */
export function startProgram(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: 'inherit' | 'pipe',
): ChildProcess {
  const program = fromSources
    ? ['--import', createRequire(import.meta.url).resolve('tsx'), installedPath('src/main.ts')]
    : [installedPath('dist/bundle/nii.js')];
  const channel = output === 'inherit' ? (['ipc'] as const) : [];
  return spawn(process.execPath, [...WHOLE_COLLECTIONS, ...program, ...args], {
    env,
    stdio: ['ignore', output, output, ...channel],
  });
}
