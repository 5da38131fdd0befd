/**
 * `npm run measure -- start [--beside FOLDER] [--rounds 5] [--json]`: how long `nii serve` takes until it says that it is
 * ready, over an empty data folder and over the one that it left. With `--beside`, the built service in another clone of
 * nii-hub is started in turn with this one, which gives a ratio.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { postgresFolder } from '../../test/support/postgres-server.ts';
import { optionsOf, wholeNumber } from './options.ts';

const values = optionsOf(import.meta.url, {
  beside: { type: 'string' },
  rounds: { type: 'string', default: '5' },
  json: { type: 'boolean', default: false },
});
const rounds = wholeNumber('rounds', values.rounds, 1, 100);
const here = fileURLToPath(new URL('../..', import.meta.url));
const clones = values.beside === undefined ? [here] : [here, values.beside];

/** Milliseconds from the start of the process to its line on stdout. The process is ended before this returns. */
async function startOver(clone: string, data: string): Promise<number> {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NII_DATA: data,
    NII_PORT: '0',
    NII_LOG_LEVEL: 'error',
    NII_ALLOW_ROOT: '1',
  };
  const began = performance.now();
  const child = spawn(process.execPath, [join(clone, 'dist/src/main.js'), 'serve', '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await ready(child);
  const took = performance.now() - began;
  child.kill('SIGTERM');
  await ended;
  return took;
}

/** @throws Error where the service ends instead */
async function ready({ stdout }: ChildProcess): Promise<void> {
  for await (const chunk of stdout ?? []) if (String(chunk).includes('\n')) return;
  throw new Error('the service ended before it was ready');
}

const median = (times: readonly number[]) =>
  Math.round(times.toSorted((one, other) => one - other)[times.length >> 1] ?? Number.NaN);

const seen = clones.map((clone) => ({ clone, first: [] as number[], again: [] as number[] }));
for (let round = 0; round < rounds; round += 1) {
  for (const { clone, first, again } of seen) {
    const data = await postgresFolder();
    try {
      first.push(await startOver(clone, data));
      again.push(await startOver(clone, data));
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  }
}

const figures = seen.map(({ first, again }) => ({ firstMs: median(first), againMs: median(again) }));
const [own, beside] = figures;
const ratio =
  own && beside
    ? { first: +(own.firstMs / beside.firstMs).toFixed(2), again: +(own.againMs / beside.againMs).toFixed(2) }
    : undefined;
if (values.json) console.log(JSON.stringify({ rounds, here: own, beside, ratio }));
else {
  console.log(
    `Median of ${rounds}. This clone: first start ${own?.firstMs} ms, start again ${own?.againMs} ms`,
  );
  if (beside)
    console.log(`The other clone: first start ${beside.firstMs} ms, start again ${beside.againMs} ms`);
  if (ratio) console.log(`Ratio: first start ${ratio.first}, start again ${ratio.again}`);
}
