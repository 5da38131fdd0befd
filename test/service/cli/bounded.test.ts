import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readdirSync, readlinkSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isNiiError } from '../../../src/core/errors.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { describeFile } from '../../../src/local/local-files.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { program } from '../../support/running-service.ts';

/** What reads a file that never ends must be over within this, on a busy machine. */
const PATIENCE_MS = 120_000;
const isLinux = process.platform === 'linux';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nii-bounded-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [...program, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NII_DATA: dir, NII_ENABLE_FAKE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
}

async function endOf(child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

const nii = (...args: readonly string[]) => endOf(start(args));

describe('nii info and nii convert read files and folders, and say what is neither:', () => {
  test.runIf(isLinux)('a device without an end', async () => {
    const { code, err } = await nii('info', '/dev/zero');
    expect([code, err]).toEqual([3, expect.stringContaining('NII_NOT_A_FILE: zero')]);
    expect((await nii('convert', '/dev/zero', '--out', dir, '--format', 'npy')).code).toBe(3);
  });

  test.runIf(isLinux)('a pipe that nobody writes to, and a socket, among files that are read', async () => {
    const folder = join(dir, 'mixed');
    await mkdir(folder);
    execFileSync('mkfifo', [join(folder, 'pipe.dcm')]);
    writeFileSync(join(folder, 'good.fake'), fakeScan({ seed: 4 }));
    const server = createServer().listen(join(folder, 'socket'));
    await once(server, 'listening');
    const { code, out, err } = await nii('info', folder);
    server.close();
    expect(code).toBe(3);
    expect(err).toContain('mixed/pipe.dcm is a pipe');
    expect(err).toContain('mixed/socket is a socket');
    expect(out).toContain('good.fake');
  });

  test.runIf(isLinux)('a file of the system that says it is empty and is not', async () => {
    const { code, err } = await nii('info', '/proc/cpuinfo');
    expect([code, err]).toEqual([3, expect.stringContaining('NII_CONFLICT')]);
  });

  test('a folder that holds links to itself is walked once', async () => {
    const folder = join(dir, 'loop');
    await mkdir(join(folder, 'inner'), { recursive: true });
    writeFileSync(join(folder, 'one.fake'), fakeScan({ seed: 5 }));
    symlinkSync(folder, join(folder, 'inner', 'again'));
    symlinkSync(join(folder, 'inner', 'nowhere'), join(folder, 'inner', 'nowhere'));
    const { code, out, err } = await nii('info', folder, '--json');
    expect(JSON.parse(out).scans).toHaveLength(1);
    expect([code, err]).toEqual([3, expect.stringContaining('loop/inner/nowhere cannot be read')]);
  });

  test('a file beyond the limit, of which nothing is read', async () => {
    const path = join(dir, 'huge.dcm');
    writeFileSync(path, '');
    truncateSync(path, 2 ** 40);
    const { code, err } = await nii('info', path);
    expect([code, err]).toEqual([3, expect.stringContaining('NII_LIMIT_BYTES')]);
  });

  test.runIf(isLinux)('a file that grows while it is read', async () => {
    const path = join(dir, 'grows.fake');
    writeFileSync(path, fakeScan({ seed: 6 }));
    truncateSync(path, 400 * 2 ** 20);
    const described = codeOf(describeFile({ name: 'grows.fake', path }, defaultLimits));
    let isOver = false;
    const outcome = described.finally(() => {
      isOver = true;
    });
    // at every turn, so that it grows after its size was looked at, however fast it is read
    while (!isOver) {
      appendFileSync(path, 'more');
      await stat(path);
    }
    expect(await outcome).toBe('NII_CONFLICT');
  });
});

test.runIf(isLinux).each(['SIGTERM', 'SIGINT'] as const)(
  '%s ends the reading of large files long before their end',
  async (signal) => {
    const folder = join(dir, `large-${signal}`);
    await mkdir(folder);
    for (let i = 0; i < 40; i += 1) {
      writeFileSync(join(folder, `${i}.dcm`), '');
      truncateSync(join(folder, `${i}.dcm`), 500 * 2 ** 20);
    }
    const child = start(['info', folder]);
    const ended = endOf(child);
    await eventually('it reads', 100, () => openPathsOf(child.pid).some((path) => path.startsWith(folder)));
    const begun = Date.now();
    child.kill(signal);
    const { code, err } = await ended;
    console.log(`${signal}: ended after ${Date.now() - begun} ms`);
    expect(Date.now() - begun).toBeLessThan(10_000);
    expect([code, err]).toEqual([1, expect.stringContaining('stopped by a signal')]);
  },
);

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return isNiiError(error) ? error.code : error;
  }
  return 'read';
}

function openPathsOf(pid: number | undefined): readonly string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => pathOf(`/proc/${pid}/fd/${fd}`));
}

function pathOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return ''; // closed meanwhile, as the one that lists them is
  }
}
