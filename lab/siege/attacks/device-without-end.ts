import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Attack } from '../target.ts';

/** After SIGTERM. */
const KILL_MS = 2_000;

/** `nii info /dev/zero`: a command on a file that never ends. */
export function deviceWithoutEnd({ seconds = 5 } = {}): Attack {
  return {
    name: 'device-without-end',
    summary: 'nii info /dev/zero, a file that never ends',
    sizes: { seconds },
    allowed: ['exit 3'],
    memoryMiB: 48,
    prepare: async ({ nii = [] }) => {
      const [command, ...first] = nii;
      if (command === undefined) return async () => [];
      return async () => [await endOf([command, ...first], seconds * 1000)];
    },
  };
}

async function endOf([command = '', ...first]: readonly string[], ms: number): Promise<string> {
  const child = spawn(command, [...first, 'info', '/dev/zero'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME },
    stdio: 'ignore',
  });
  let word: string | undefined;
  const late = setTimeout(() => {
    word = `not over in ${ms / 1000} s`;
    child.kill('SIGTERM');
  }, ms);
  const later = setTimeout(() => {
    word = `not over in ${ms / 1000} s, nor by SIGTERM`;
    child.kill('SIGKILL');
  }, ms + KILL_MS);
  const [code] = await once(child, 'close');
  clearTimeout(late);
  clearTimeout(later);
  return word ?? `exit ${code}`;
}
