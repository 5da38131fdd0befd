import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RunningService } from '../../../src/cli/command.ts';
import { readConfig } from '../../../src/config.ts';

/**
 * The built service as a process of its own, started by page.ts: `DATA TOKEN COUNT`, where a count of 0 asks for a
 * train. The cases are made by another process, which has ended before: what it held is not in this one's memory. Tells
 * its parent where it listens, and ends with it.
 */
const [data = '', token = '', count = '0'] = process.argv.slice(2);
const ended = new AbortController();
process.once('disconnect', () => ended.abort());

const sender = fork(fileURLToPath(new URL('fill.ts', import.meta.url)), [data, count], { stdio: 'inherit' });
const [code] = await once(sender, 'exit');
if (code !== 0) throw new Error(`the process that makes the cases ended with ${code}`);

// workers are started with the same settings
const { serve } = await import(new URL('../../../src/serve.ts', import.meta.url).href);
const place = { administration: 'utopia', site: 'harbour' };
const running: RunningService = await serve(readConfig(process.env), ended.signal, 'measure', {
  token,
  ...place,
});
process.send?.(running.address);
await running.ended;
