/**
 * What the workstation takes in a real browser, over the built page (`npm run build`):
 * `npm run measure:page -- [--json] [--only opening,frames,train,thin] [--count 11]`.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../../test/browser-support/chromium.ts';
import { postgresFolder } from '../../test/support/postgres-server.ts';
import { dragWindow, medianOf, openCase, openOnThinLine, peakMemory, rendererOf } from './page/looks.ts';
import { SIDES } from './page/send.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: 'opening,frames,thin,train' },
    count: { type: 'string', default: '11' },
  },
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

/** Decides the case that is open, so that the next is dealt. */
async function openCases(page: Page, total: number) {
  const openings = [await openCase(page, 'n')];
  while (openings.length < total) {
    await page.keyboard.press('1');
    openings.push(await openCase(page, 'Enter'));
  }
  return {
    count: openings.length,
    dealtMs: medianOf(openings.map(({ dealtMs }) => dealtMs)),
    firstPictureMs: medianOf(openings.map(({ firstMs }) => firstMs)),
    wholeSixteenBitsMs: medianOf(openings.map(({ wholeMs }) => wholeMs)),
  };
}

const figures: Record<string, unknown> = { sides: SIDES, cores: cpus().length };
if (['opening', 'frames', 'thin'].some((one) => wanted.has(one))) await measureScans();
if (wanted.has('train')) await measureTrain();
print();

async function measureScans(): Promise<void> {
  const service = await openService(count + 2);
  const browser = await startChromium();
  try {
    const page = await signIn(browser, service.address, sizes[0]);
    figures.renderer = await rendererOf(page);
    figures.opening = await openCases(page, wanted.has('opening') ? count : 1);
    if (wanted.has('frames'))
      for (const size of sizes) {
        await page.setViewportSize(size);
        figures[`frames ${size.width} x ${size.height}`] = await dragWindow(page, 200);
      }
    if (wanted.has('thin')) figures['2 Mbit/s, 600 ms'] = await openOnThinLine(page);
  } finally {
    await browser.close();
    await service.close();
  }
}

async function measureTrain(): Promise<void> {
  const service = await openService(0);
  const browser = await startChromium();
  try {
    const page = await signIn(browser, service.address, sizes[0]);
    const opening = await openCase(page, 'n', 600_000);
    await page.keyboard.press('9');
    const scrolled = await scrollTrain(page);
    const peakMiB = await peakMemory(await browser.newBrowserCDPSession());
    figures.train = { ...opening, ...scrolled, peakMiB };
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

function print(): void {
  if (values.json) console.log(JSON.stringify(figures, null, 2));
  else
    for (const [name, value] of Object.entries(figures))
      console.log(`${name.padEnd(20)} ${typeof value === 'string' ? value : JSON.stringify(value, rounded)}`);
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 10) / 10 : value;
}
