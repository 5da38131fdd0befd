/**
 * What the workstation takes in a real browser, over the built page (`npm run build`):
 * `npm run measure -- page [--json] [--only opening,frames,train,thin] [--count 11] [--seconds 300]`.
 * Each part prints its line as it ends; one that takes longer than its seconds is given up, and the command fails.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../../test/browser-support/chromium.ts';
import { postgresFolder } from '../../test/support/postgres-server.ts';
import { optionsOf } from './options.ts';
import {
  dragWindow,
  medianOf,
  type Opening,
  openCase,
  openOnThinLine,
  peakMemory,
  rendererOf,
  type Stage,
  THIN,
  throttle,
} from './page/looks.ts';
import { SIDES } from './page/send.ts';
import { openThinLine } from './page/thin-line.ts';

const values = optionsOf(import.meta.url, {
  json: { type: 'boolean', default: false },
  only: { type: 'string', default: 'opening,frames,thin,train' },
  count: { type: 'string', default: '11' },
  /** Of one part, after which it is given up and the next one begins. */
  seconds: { type: 'string', default: '300' },
});
const wanted = new Set(values.only.split(','));
const count = Number(values.count);
const token = 'a-token-of-this-measure';
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;

interface Service {
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** @param scans - that wait to be read; 0 for a train */
async function openService(scans: number): Promise<Service> {
  const data = await postgresFolder();
  const child = fork(fileURLToPath(new URL('page/serve.ts', import.meta.url)), [data, token, String(scans)], {
    execArgv: ['--import', 'tsx'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NII_DATA: data,
      NII_PORT: '0',
      NII_LOG_LEVEL: 'error',
      NII_ALLOW_ROOT: '1',
      NII_LIMIT_UPLOAD_BYTES: String(1024 * 1024 * 1024),
    },
  });
  const over = once(child, 'exit');
  const [address] = await Promise.race([
    once(child, 'message'),
    over.then(() => Promise.reject(new Error('the service ended before its cases were there'))),
  ]);
  return {
    address: String(address),
    close: async () => {
      child.disconnect();
      await over;
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function signIn(browser: Browser, address: string, viewport: (typeof sizes)[number]): Promise<Page> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  // the compiler of this script names functions, and the page does not know by what
  await page.addInitScript('globalThis.__name = (named) => named');
  await page.goto(`${address}/demo-sign-in?token=${token}&role=analyst`);
  await page.getByRole('button', { name: /Next case/ }).waitFor();
  return page;
}

/** Where the time of an opening goes: each request that at least half of the openings made, by its medians. */
function tellStages(openings: readonly Opening[]): void {
  const all = new Map<string, Stage[]>();
  for (const { stages } of openings) {
    const seen = new Map<string, number>();
    for (const stage of stages) {
      const nth = (seen.get(stage.what) ?? 0) + 1;
      seen.set(stage.what, nth);
      const name = nth === 1 ? stage.what : `${stage.what} (${nth})`;
      all.set(name, [...(all.get(name) ?? []), stage]);
    }
  }
  const usual = [...all].filter(([, stages]) => 2 * stages.length >= openings.length);
  const shown = usual.map(([what, stages]) => {
    const median = (of: (stage: Stage) => number) => Math.round(medianOf(stages.map(of)));
    return {
      what,
      begins: median((one) => one.beginsMs),
      waits: median((one) => one.waitsMs),
      carries: median((one) => one.carriesMs),
    };
  });
  for (const one of shown.toSorted((x, y) => x.begins - y.begins))
    tell(`  ${one.what}`, { ...one, what: undefined });
}

/** Decides the case that is open, so that the next is dealt. */
async function openCases(page: Page, total: number) {
  const openings = [await openCase(page, 'n')];
  while (openings.length < total) {
    await page.keyboard.press('1');
    openings.push(await openCase(page, 'Enter'));
  }
  tellStages(openings);
  return {
    count: openings.length,
    dealtMs: medianOf(openings.map(({ dealtMs }) => dealtMs)),
    dealtToFirstPictureMs: medianOf(openings.map(({ dealtMs, firstMs }) => firstMs - dealtMs)),
    firstPictureMs: medianOf(openings.map(({ firstMs }) => firstMs)),
    wholeSixteenBitsMs: medianOf(openings.map(({ wholeMs }) => wholeMs)),
  };
}

const figures: Record<string, unknown> = {};
tell('sides', SIDES);
tell('cores', cpus().length);
if (['opening', 'frames', 'thin'].some((one) => wanted.has(one))) await measureScans();
if (wanted.has('train')) await part('train', measureTrain);
if (values.json) console.log(JSON.stringify(figures, null, 2));
process.exit();

/** Prints a figure at once, so that what comes later cannot take it away. */
function tell(name: string, value: unknown): void {
  figures[name] = value;
  if (values.json) return;
  console.log(
    `${name.padEnd(name.startsWith(' ') ? 70 : 28)} ${typeof value === 'string' ? value : JSON.stringify(value, rounded)}`,
  );
}

/** One part, bounded in time. @returns undefined where it failed or was given up */
async function part<T>(name: string, run: () => Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`not done after ${values.seconds} s: give --seconds a higher number`)),
      1000 * Number(values.seconds),
    );
  });
  try {
    const found = await Promise.race([run(), tooLong]);
    tell(name, found);
    return found;
  } catch (error) {
    process.exitCode = 1;
    tell(name, `failed: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

async function measureScans(): Promise<void> {
  const began = performance.now();
  const service = await openService(count + 4);
  tell('service and scans, s', (performance.now() - began) / 1000);
  const browser = await startChromium('as-by-a-card');
  try {
    const page = await signIn(browser, service.address, sizes[0]);
    tell('renderer', await rendererOf(page));
    await part('opening', () => openCases(page, wanted.has('opening') ? count : 1));
    if (wanted.has('frames'))
      for (const size of sizes) {
        await page.setViewportSize(size);
        await part(`frames ${size.width} x ${size.height}`, () => dragWindow(page, 200));
      }
    if (wanted.has('thin')) await measureThinLine(browser, service.address, page);
  } finally {
    await browser.close();
    await service.close();
  }
}

async function measureThinLine(browser: Browser, address: string, page: Page): Promise<void> {
  await part('2 Mbit/s, 600 ms, browser', async () => {
    await page.setViewportSize(sizes[0]);
    await throttle(page);
    return openOnThinLine(page);
  });
  await page.context().close();
  await part('2 Mbit/s, 600 ms, proxy', async () => {
    const { bytesASecond, roundTripMs } = THIN;
    const line = await openThinLine(address, { bytesASecond, latencyMs: roundTripMs / 2 });
    try {
      const over = await signIn(browser, line.address, sizes[0]);
      await openCase(over, 'n');
      line.begin();
      return await openOnThinLine(over);
    } finally {
      line.close();
    }
  });
}

async function measureTrain() {
  const service = await openService(0);
  const browser = await startChromium('as-by-a-card');
  try {
    const page = await signIn(browser, service.address, sizes[0]);
    const opening = await openCase(page, 'n', 600_000);
    tellStages([opening]);
    const { dealtMs, firstMs, wholeMs } = opening;
    await page.keyboard.press('9');
    const scrolled = await scrollTrain(page);
    const peakMiB = await peakMemory(await browser.newBrowserCDPSession());
    return { dealtMs, firstMs, copiesMs: wholeMs, ...scrolled, peakMiB };
  } finally {
    await browser.close();
    await service.close();
  }
}

/** From where it is to both ends, by the key that moves the picture. */
async function scrollTrain(page: Page): Promise<{ readonly steps: number; readonly msAStep: number }> {
  const started = performance.now();
  const steps = 1000;
  for (let i = 0; i < steps; i++) await page.keyboard.press(i < 400 ? 'ArrowLeft' : 'ArrowRight');
  return { steps, msAStep: (performance.now() - started) / steps };
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value;
}
