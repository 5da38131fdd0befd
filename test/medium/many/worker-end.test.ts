import { execFile, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, pause } from '../../support/eventually.ts';
import { endServer } from '../../support/postgres/server-processes.ts';
import { postgresFolder } from '../../support/postgres-server.ts';
import { program } from '../../support/running-service.ts';

/** `nii serve` kills a worker that takes longer. */
const END_SECONDS = 15;

let data: string;
const env = () => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  NII_DATA: data,
  NII_ALLOW_ROOT: '1',
  NII_LOG_LEVEL: 'warn',
});

beforeAll(async () => {
  data = await postgresFolder();
  await promisify(execFile)(process.execPath, [...program, 'migrate'], { env: env() });
});

afterAll(async () => {
  await endServer(join(data, 'postgres'));
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
});

test.each([800, 1200, 1600, 2000, 2800])(
  'a worker that is told to end %d ms after its start, perhaps in the middle of the test of its models, ends soon',
  async (ms) => {
    const worker = spawn(process.execPath, [...program, 'worker'], { env: env(), stdio: 'ignore' });
    await pause(ms, 'moment');
    worker.kill('SIGTERM');
    try {
      await eventually('it ends', END_SECONDS, () => worker.exitCode !== null || worker.signalCode !== null);
    } finally {
      worker.kill('SIGKILL');
    }
    // before it listens for the signal, the signal itself ends it
    expect(worker.exitCode === 0 || worker.signalCode === 'SIGTERM').toBe(true);
  },
  60_000,
);
