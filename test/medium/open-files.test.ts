import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { get } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ATTACKER, NEIGHBOUR } from '../../lab/siege/ask.ts';
import { openIdle } from '../../lab/siege/attacks/idle-connections.ts';
import { eventually, pause } from '../support/eventually.ts';
import { postgresFolder } from '../support/postgres-server.ts';
import { type RunningService, runService } from '../support/running-service.ts';

/** Of the API's process: enough to load its modules, and few enough to be used up by one test. */
const OPEN_FILES = 1024;

const canLimit = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;
if (!canLimit) console.log('prlimit is not here: the attacks on open files are left out');

/** Milliseconds until the service answers this address, over a connection of its own. */
function answerMs(url: string, localAddress: string): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { localAddress, agent: false, timeout: 10_000 }, (answer) => {
      answer.resume();
      if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`));
      answer.on('end', () => resolve(performance.now() - begun));
    })
      .on('timeout', () => reject(new Error('not answered within 10 s')))
      .on('error', reject);
  });
}

function openFilesOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

describe.skipIf(!canLimit)('a service that may open few files', () => {
  let data: string;
  let service: RunningService;
  let pid: number;
  const live = () => `${service.address}/v1/health/live`;
  const ready = () => `${service.address}/v1/health/ready`;

  beforeEach(async () => {
    data = await postgresFolder();
    service = await runService({ NII_DATA: data, NII_WORKERS: '0' }, { openFiles: OPEN_FILES });
    await eventually('the service is ready', 90, async () => (await answerMs(ready(), NEIGHBOUR)) > 0);
    pid = service.apiPid() ?? 0;
  });
  afterEach(async () => {
    await service.stop();
    await rm(data, { recursive: true, force: true });
  });

  test('survives more idle connections than it may open files, and serves its neighbours meanwhile', async () => {
    const idle = await openIdle(Number(new URL(service.address).port), OPEN_FILES + 50);
    const waits: number[] = [];
    for (let i = 0; i < 60; i += 1) {
      waits.push(await answerMs(i % 10 === 0 ? ready() : live(), NEIGHBOUR));
      await pause(50, 'pace');
    }
    const open = openFilesOf(pid);
    console.log(`slowest of 60 answers ${Math.round(Math.max(...waits))} ms, ${open} files open`);
    expect(service.apiPid()).toBe(pid);
    expect(Math.max(...waits)).toBeLessThan(5_000);
    expect(open).toBeLessThan(OPEN_FILES - 50);
    for (const { socket } of idle) socket.destroy();
    await eventually('the address that attacked is served again', 10, async () => {
      return (await answerMs(live(), ATTACKER)) < 1_000;
    });
  });

  test('survives from its first answer on that it can open no file at all, and answers once it can', async () => {
    const limit = (files: number) => execFileSync('prlimit', [`--pid=${pid}`, `--nofile=${files}:`]);
    limit(openFilesOf(pid));
    const sockets = await openIdle(Number(new URL(service.address).port), 5);
    await pause(3_000, 'absence');
    limit(OPEN_FILES);
    for (const { socket } of sockets) socket.destroy();
    await eventually('it answers', 10, async () => (await answerMs(ready(), NEIGHBOUR)) > 0);
    expect(service.apiPid(), service.log()).toBe(pid);
  });
});
