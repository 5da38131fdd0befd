import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { defined } from '../../src/core/defined.ts';
import { ask, NEIGHBOUR } from './ask.ts';
import { countsOf, quantile } from './figures.ts';
import type { Attack, Strike, Target } from './target.ts';
import { isAllowed } from './target.ts';
import { forgetPeak, isAlive, peakBytes } from './watch-process.ts';

const MiB = 1024 * 1024;
/** No attack goes on for longer. */
const ATTACK_MS = 120_000;
/** Whoever waits for longer gives up. */
const PATIENCE_MS = 30_000;
const PACE_MS = 100;
/** The slowest answer that others may get meanwhile. */
const SLOWEST_MS = 2_000;

/** What came of one attack, and of those who asked meanwhile. */
export interface Seen {
  readonly attack: string;
  /** Of the attack itself, by what was answered. */
  readonly answers: Readonly<Record<string, number>>;
  /** Of the API while the attack ran; undefined where its process is not known. */
  readonly grownMiB?: number;
  readonly others: {
    readonly answers: number;
    readonly p99Ms: number;
    readonly slowestMs: number;
    /** What was not answered 200. */
    readonly wrong: Readonly<Record<string, number>>;
  };
  readonly isAlive: boolean;
  readonly seconds: number;
  /** What the attack did that it must not do; empty where it was withstood. */
  readonly faults: readonly string[];
}

interface Asked {
  readonly ms: number;
  readonly word: string;
}

/**
 * One attack, while somebody else asks again and again from another address.
 * @param slowestMs what the slowest of their answers may take before it counts as a fault
 */
export async function underAttack(
  attack: Attack,
  target: Target,
  serial: number,
  slowestMs = SLOWEST_MS,
): Promise<Seen> {
  const signal = AbortSignal.timeout(ATTACK_MS);
  setMaxListeners(0, signal); // one for each request
  const strike = await attack.prepare(target, { serial, signal });
  if (target.pid !== undefined) forgetPeak(target.pid);
  const before = memoryOf(target);
  const begun = performance.now();
  const { words, asked } = await strikeWhileOthersAsk(strike, target);
  const seconds = (performance.now() - begun) / 1000;
  const after = memoryOf(target);
  const grown = before === undefined || after === undefined ? undefined : Math.round((after - before) / MiB);
  const times = asked.map(({ ms }) => Math.round(ms));
  const seen = {
    attack: attack.name,
    answers: countsOf(words),
    ...defined({ grownMiB: grown }),
    others: {
      answers: asked.length,
      p99Ms: quantile(times, 0.99),
      slowestMs: quantile(times, 1),
      wrong: countsOf(asked.map(({ word }) => word).filter((word) => word !== '200')),
    },
    isAlive: await lives(target),
    seconds: Math.round(seconds * 10) / 10,
  };
  return { ...seen, faults: faultsOf(attack, seen, slowestMs) };
}

function memoryOf({ pid }: Target): number | undefined {
  return pid === undefined ? undefined : peakBytes(pid);
}

async function strikeWhileOthersAsk(strike: Strike, target: Target) {
  const asked: Asked[] = [];
  let isOver = false;
  const asking = (async () => {
    for (let i = 0; !isOver || i === 0; i += 1) {
      asked.push(await askAsNeighbour(target, i));
      await sleep(PACE_MS);
    }
  })();
  const words = await strike().finally(() => {
    isOver = true;
  });
  await asking;
  return { words, asked };
}

/** By turns what needs no database, and what a person at a screen asks for. */
function askAsNeighbour({ url, readerKey: key }: Target, turn: number): Promise<Asked> {
  const paths = ['/v1/health/live', '/v1/queue?limit=20', '/v1/scans?limit=20'];
  const path = paths[turn % paths.length] ?? '/v1/health/live';
  return ask(url, { path, key, from: NEIGHBOUR, signal: AbortSignal.timeout(PATIENCE_MS) });
}

async function lives(target: Target): Promise<boolean> {
  if (target.pid !== undefined && !isAlive(target.pid)) return false;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  return (await ask(target.url, { path: '/v1/health/live', from: NEIGHBOUR, signal })).status === 200;
}

function faultsOf(attack: Attack, seen: Omit<Seen, 'faults'>, slowestMs: number): readonly string[] {
  const { answers, grownMiB = 0, others } = seen;
  const wrong = Object.entries(answers).filter(([word]) => !isAllowed(attack, word));
  return [
    ...wrong.map(([word, count]) => `${count} answered ${word}, allowed are ${attack.allowed.join(', ')}`),
    ...(grownMiB > attack.memoryMiB ? [`the API grew ${grownMiB} MiB, allowed are ${attack.memoryMiB}`] : []),
    ...(others.slowestMs > slowestMs
      ? [`others waited ${others.slowestMs} ms, allowed are ${slowestMs}`]
      : []),
    ...Object.entries(others.wrong).map(([word, count]) => `${count} others were answered ${word}`),
    ...(seen.isAlive ? [] : ['the service is not alive']),
  ];
}
