import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../test/support/eventually.ts';
import { type OneAddress, startNginx } from '../../test/support/nginx.ts';
import { freePort, program } from '../../test/support/running-service.ts';

const READY_SECONDS = 120;
/** systemd kills after 90 seconds. */
const STOP_MS = 60_000;

interface Replica {
  readonly child: ChildProcess;
  /** Undefined for a worker. */
  readonly address?: string;
}

/** Processes of the API behind one address of nginx, and workers. Nobody starts again what was killed. */
export class Fleet {
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  /** Known to nginx from the start; at some of them nobody listens yet, or any more. */
  readonly #ports: number[];
  readonly #apis: Replica[] = [];
  readonly #workers: Replica[] = [];
  #started = 0;
  #nginx: OneAddress | undefined;

  private constructor(folder: string, settings: Readonly<Record<string, string>>, ports: number[]) {
    this.#folder = folder;
    this.#settings = settings;
    this.#ports = ports;
  }

  /** @param size - processes of the API, workers, and how many processes of the API may be added */
  static async start(
    folder: string,
    settings: Readonly<Record<string, string>>,
    size: { readonly apis: number; readonly workers: number; readonly spare: number },
  ): Promise<Fleet> {
    const ports: number[] = [];
    while (ports.length < size.apis + size.spare) ports.push(await freePort());
    await mkdir(join(folder, 'log'));
    const fleet = new Fleet(folder, settings, [...ports]);
    try {
      for (let i = 0; i < size.apis; i += 1) await fleet.addApi();
      for (let i = 0; i < size.workers; i += 1) fleet.addWorker();
      fleet.#nginx = await startNginx(ports.map((port) => `http://127.0.0.1:${port}`));
      return fleet;
    } catch (error) {
      await fleet.stop();
      throw error;
    }
  }

  get address(): string {
    if (this.#nginx === undefined) throw new Error('nginx does not run');
    return this.#nginx.address;
  }

  async addApi(): Promise<void> {
    const port = this.#ports.shift();
    if (port === undefined) throw new Error('nginx knows no further port');
    const child = this.#spawn('api', ['serve'], { NII_PORT: String(port), NII_WORKERS: '0' });
    const address = `http://127.0.0.1:${port}`;
    this.#apis.push({ child, address });
    await eventually('the API is ready', READY_SECONDS, async () => {
      if (child.exitCode !== null) throw new Error(`the API ended with ${child.exitCode}`);
      return (await fetch(`${address}/v1/health/ready`)).ok;
    });
  }

  addWorker(): void {
    this.#workers.push({ child: this.#spawn('worker', ['worker'], {}) });
  }

  killApi(): Promise<void> {
    return killFirst(this.#apis);
  }

  killWorker(): Promise<void> {
    return killFirst(this.#workers);
  }

  /** SIGTERM to one process of the API and to one worker. @returns those that did not end in time */
  async stopOneOfEach(): Promise<readonly string[]> {
    const chosen = [this.#apis.shift(), this.#workers.shift()].filter((one) => one !== undefined);
    return (await Promise.all(chosen.map(({ child }) => stop(child)))).flat();
  }

  /** Those that ended without being killed by us. */
  ended(): readonly string[] {
    return [...this.#apis, ...this.#workers]
      .filter(({ child }) => child.exitCode !== null || child.signalCode !== null)
      .map(({ child }) => `a process ended by itself: ${child.spawnargs.at(-1)}`);
  }

  /** @returns those that did not end in time after SIGTERM */
  async stop(): Promise<readonly string[]> {
    await this.#nginx?.stop();
    const all = [...this.#workers, ...this.#apis];
    return (await Promise.all(all.map(({ child }) => stop(child)))).flat();
  }

  #spawn(kind: string, args: readonly string[], settings: Readonly<Record<string, string>>): ChildProcess {
    this.#started += 1;
    const name = `${kind}-${this.#started}`;
    const child = spawn(process.execPath, [...program, ...args], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NII_LOG_LEVEL: 'warn',
        NII_ALLOW_ROOT: '1',
        NII_STAGING: join(this.#folder, `staging-${name}`),
        ...this.#settings,
        ...settings,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.pipe(createWriteStream(join(this.#folder, 'log', `${name}.log`)));
    return child;
  }
}

async function killFirst(replicas: Replica[]): Promise<void> {
  const one = replicas.shift();
  if (one === undefined) throw new Error('there is none to kill');
  const ended = once(one.child, 'exit');
  one.child.kill('SIGKILL');
  await ended;
}

async function stop(child: ChildProcess): Promise<readonly string[]> {
  if (child.exitCode !== null || child.signalCode !== null) return [];
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, STOP_MS);
  await ended;
  clearTimeout(late);
  return isLate ? [`nii ${child.spawnargs.at(-1)} did not end within ${STOP_MS / 1000} s of SIGTERM`] : [];
}
