import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { attacks } from './attacks/index.ts';
import type { Target } from './target.ts';
import type { Seen } from './under-attack.ts';

const script = fileURLToPath(new URL('../siege.ts', import.meta.url));
/** What attackers do costs them their own machine: here their processes come last. */
const LOWEST_PRIORITY = 19;

export interface Attacked {
  readonly attack: string;
  /** What it did that it must not do. */
  readonly faults: readonly string[];
}

/**
 * All attacks in turn and again from the first, each in a process of its own so that it costs the measurement nothing,
 * until the signal. Its own figures of others are not taken: they come from a process that waits for its turn.
 */
export async function attackInTurn(
  { url, senderKey, readerKey }: Target,
  signal: AbortSignal,
  tell: (attacked: Attacked) => void,
): Promise<void> {
  for (let turn = 0; !signal.aborted; turn += 1) {
    const attack = attacks[turn % attacks.length];
    if (attack === undefined) return;
    const args = ['--once', '--json', '--attack', attack.name, '--url', url.href];
    const seen = await runSiege([...args, '--key', senderKey, '--reader-key', readerKey], signal);
    if (seen !== undefined) tell({ attack: attack.name, faults: ownFaults(seen) });
  }
}

function ownFaults({ faults, isAlive }: Seen): readonly string[] {
  return isAlive ? faults.filter((fault) => / answered .* allowed are /.test(fault)) : faults;
}

/** Undefined where the signal ended it. */
async function runSiege(args: readonly string[], signal: AbortSignal): Promise<Seen | undefined> {
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const child = spawn(process.execPath, ['--import', tsx, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  if (child.pid !== undefined) setPriority(child.pid, LOWEST_PRIORITY);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.on('error', () => undefined); // the signal
  await once(child, 'close').catch(() => undefined);
  const line = text.split('\n').find((one) => one.startsWith('{'));
  if (line !== undefined) return JSON.parse(line) as Seen;
  if (signal.aborted) return undefined;
  throw new Error(`an attack ended without a result: ${args.join(' ')}`.replace(/--key.*/, ''));
}
