import { randomBytes } from 'node:crypto';
import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NiiError } from '../core/errors.ts';
import { lifeOf, ownMark, type ProcessMark } from '../runtime/process-life.ts';

/** Who has the state folder. */
interface Holder extends ProcessMark {
  /** Of this very lock. */
  readonly token: string;
}

export interface LockTimes {
  /** The holder shows that it is there so often. */
  readonly beatMs: number;
  /** A holder of another machine or container that is silent for this long is gone. */
  readonly silentMs: number;
}

export interface StateLock {
  /** Aborted when another watcher has taken the folder, as it may after we were asleep for long. */
  readonly lost: AbortSignal;
  free(): Promise<void>;
}

const usualTimes: LockTimes = { beatMs: 5_000, silentMs: 20_000 };
const LOOK_MS = 500;
/** Two that find the same lock left behind at the same moment: who is still there after this has it. */
const SETTLE_MS = 100;
const TRIES = 5;

/**
 * One watcher for one state folder, by a file in it. What a killed process left is taken over: at once where it can be
 * told that the process is no more, and where it cannot once the file is silent.
 * @throws NII_CONFIG naming the process that has it
 */
export async function lockState(stateDir: string, times: LockTimes = usualTimes): Promise<StateLock> {
  const path = join(stateDir, 'watch.lock');
  const mine: Holder = { ...ownMark(), token: randomBytes(8).toString('hex') };
  for (let i = 0; i < TRIES; i += 1) {
    if (await create(path, mine)) {
      await delay(SETTLE_MS);
      if ((await holderAt(path))?.token === mine.token) return hold(path, mine, times);
    }
    const before = await textAt(path);
    if (before === undefined) continue;
    const holder = holderIn(before);
    if (await isAlive(path, holder, times)) throw rejection(stateDir, holder);
    if ((await textAt(path)) === before) await rm(path, { force: true });
  }
  throw rejection(stateDir, await holderAt(path));
}

function rejection(stateDir: string, holder: Holder | undefined): NiiError {
  const who = holder === undefined ? '' : ` (process ${holder.pid} on ${holder.host})`;
  return new NiiError(
    'NII_CONFIG',
    `Another nii watch${who} uses the state folder ${stateDir}; stop it first, or use another folder with --state`,
  );
}

/** False where there is a lock already. */
async function create(path: string, mine: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(JSON.stringify(mine));
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function isAlive(path: string, holder: Holder | undefined, { silentMs }: LockTimes): Promise<boolean> {
  const life = holder === undefined ? 'unknown' : lifeOf(holder);
  if (life !== 'unknown') return life === 'alive';
  const before = await beatAt(path);
  for (let waited = 0; waited < silentMs; waited += LOOK_MS) {
    await delay(LOOK_MS);
    if ((await beatAt(path)) !== before) return true;
  }
  return false;
}

/** Changes whenever its holder shows itself. */
async function beatAt(path: string): Promise<string> {
  const text = await textAt(path);
  const state = await stat(path, { bigint: true }).catch(absent);
  return `${state?.mtimeNs} ${text}`;
}

/** Shows itself until it is freed, and looks whether the lock is still its own. */
function hold(path: string, mine: Holder, { beatMs }: LockTimes): StateLock {
  const lost = new AbortController();
  let beating: Promise<void> = Promise.resolve();
  const beat = async () => {
    const file = await open(path, 'r+');
    try {
      const holder = holderIn(await file.readFile('utf8'));
      const now = new Date();
      if (holder?.token === mine.token) await file.utimes(now, now);
      else lost.abort();
    } finally {
      await file.close();
    }
  };
  const timer = setInterval(() => {
    // A share that is away shows nobody anything: the next beat may reach it
    beating = beat().catch(() => {});
  }, beatMs);
  timer.unref();
  return {
    lost: lost.signal,
    async free() {
      clearInterval(timer);
      await beating;
      if ((await holderAt(path))?.token === mine.token) await rm(path, { force: true });
    },
  };
}

async function holderAt(path: string): Promise<Holder | undefined> {
  const text = await textAt(path);
  return text === undefined ? undefined : holderIn(text);
}

async function textAt(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(absent);
}

/** Undefined where a kill or a full disk left half of it. */
function holderIn(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isHolder(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, host, boot, space, begun, token }: Partial<Record<keyof Holder, unknown>> = value;
  return (
    typeof pid === 'number' && [host, boot, space, begun, token].every((text) => typeof text === 'string')
  );
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
