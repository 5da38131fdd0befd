import { join } from 'node:path';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { numpyFiles, simulateScan, simulateTrain } from '../../../src/simulate/index.ts';
import { hasChromium } from '../../browser-support/chromium.ts';
import type { Harness } from '../../support/harness.ts';
import { decideCab, placeCab } from '../../support/http/decide-cab.ts';
import {
  artefacts,
  closeWorkstation,
  openWorkstation,
  signInAddress,
} from '../../support/page/workstation.ts';
import { send } from '../../support/stage.ts';
import { story } from '../../support/vitest/story.ts';

/** Two pictures side by side, the loupe, turning, what is filled, wagons, fingers and a thin line, in a real browser. */

const chromium = hasChromium();
const DEAD_ROW = 130;
/** Mean difference of greys where both pictures show the same: their middles may lie half a pixel apart. */
const ALIKE = 10;

let service: Harness;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let line: CDPSession;

/** A truck of more samples than a copy has, with one dead row; others differ in one sample. */
function truckFiles(other: number) {
  const scan = simulateScan({ seed: 5, container: '20ft', cargo: 'drums', anomalies: [], pitchMm: 11 });
  for (const plane of [scan.high, scan.low]) {
    plane.fill(0, DEAD_ROW * scan.columns, (DEAD_ROW + 1) * scan.columns);
    plane[0] = 40_000 + other;
  }
  return numpyFiles(scan, `truck-${other}`);
}

const TRAIN_PITCH_MM = 40;

/** Of a train that went by at twice the speed that gives square samples. */
function withPitch(sidecar: Uint8Array, pixelPitchMm: { readonly row: number; readonly column: number }) {
  const facts = JSON.parse(Buffer.from(sidecar).toString());
  expect(facts.pixelPitchMm).toEqual({ row: TRAIN_PITCH_MM, column: TRAIN_PITCH_MM });
  return new Uint8Array(Buffer.from(JSON.stringify({ ...facts, pixelPitchMm })));
}

function trainFiles() {
  const train = simulateTrain({ seed: 3, wagons: 3, pitchMm: TRAIN_PITCH_MM, loads: 1 });
  const wagons = train.units.map((_, i) => train.samplesOf(i));
  const rows = Array.from({ length: train.rows }, (_, row) =>
    wagons.map((wagon) =>
      wagon.subarray((row * wagon.length) / train.rows, ((row + 1) * wagon.length) / train.rows),
    ),
  ).flat();
  return {
    units: train.units,
    files: [
      { name: 'train.npy', bytes: new Uint8Array(Buffer.concat([train.head, ...rows])) },
      {
        name: 'train.json',
        bytes: withPitch(train.sidecar, { row: TRAIN_PITCH_MM, column: 2 * TRAIN_PITCH_MM }),
      },
    ],
  };
}

const train = trainFiles();

beforeAll(async () => {
  if (!chromium) return;
  const opened = await openWorkstation({}, { composing: 'as-by-a-card' });
  ({ service, browser } = opened);
  await send(service.deps, truckFiles(1));
  await service.work();
  // the first visit of the container is in another hand
  const first = await service.as('supervisor', { method: 'POST', url: '/v1/cases/next', payload: {} });
  expect(first.statusCode, first.body).toBe(200);
  await send(service.deps, truckFiles(2));
  await service.work();
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, hasTouch: true });
  page = await context.newPage();
  line = await context.newCDPSession(page);
  await page.goto(signInAddress(opened.address, 'analyst'));
  await page.getByRole('button', { name: /Next case/ }).waitFor();
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
});

const press = async (...keys: readonly string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const canvas = (at = 0) => page.locator('.picture > .drawn > canvas').nth(at);

/** The middle of a canvas, in the page. */
async function middleOf(at = 0): Promise<Spot> {
  const box = await canvas(at).boundingBox();
  if (box === null) throw new Error('no canvas');
  return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** The sample that lies at a place of the first canvas, so many pixels from its middle, and what was measured there. */
async function sampleAt(across = 0, down = 0) {
  const { x, y } = await middleOf();
  await page.mouse.move(x + across + 1, y + down);
  await page.mouse.move(x + across, y + down);
  await settled();
  const text = await page.locator('.state').textContent();
  const [, row, column, value] = /row (\d+), column (\d+): (\d+)/.exec(text ?? '') ?? [];
  return { row: Number(row), column: Number(column), value: Number(value) };
}

async function windowNow(): Promise<readonly [low: number, high: number]> {
  const [, low, high] =
    /Window (-?\d+) to (-?\d+)/.exec((await page.locator('.state').textContent()) ?? '') ?? [];
  return [Number(low), Number(high)];
}

const settled = () =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Greys of a part of the page, after all that was asked for is drawn. */
async function greysAround({ x, y }: Spot, width: number, height: number): Promise<readonly number[]> {
  await settled();
  const clip = { x: x - width / 2, y: y - height / 2, width, height };
  const picture = await page.screenshot({ clip, animations: 'disabled' });
  return [...(await sharp(picture).greyscale().raw().toBuffer())];
}

const difference = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 999)), 0) / a.length;

/** The same place in the middle of both pictures. */
async function differenceOfBoth(): Promise<number> {
  await page.mouse.move(1, 1);
  const [a, b] = [await middleOf(0), await middleOf(1)];
  return difference(await greysAround(a, 240, 160), await greysAround(b, 240, 160));
}

const samplesPaths = '**/channels/**/samples**';

story.runIf(chromium)('what an analyst does with the picture besides window and zoom', () => {
  test('shows a lost connection while samples load over a slow line, and resumes by itself', async () => {
    await line.send('Network.enable');
    const at = { offline: false, latency: 20, downloadThroughput: 250_000, uploadThroughput: 250_000 };
    await line.send('Network.emulateNetworkConditions', at);
    let lost = 0;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.route(samplesPaths, (route) => {
      if (/level=[1-9]/.test(route.request().url())) return route.continue();
      lost += 1;
      return route.abort();
    });
    await press('n');
    await page.waitForURL(/\/case\//);
    await page.getByText('The connection is lost').waitFor();
    // the preview is drawn meanwhile, and none of its samples is shown as measured
    expect(new Set(await greysAround(await middleOf(), 400, 100)).size).toBeGreaterThan(20);
    expect((await sampleAt()).value).toBeNaN();
    expect(lost).toBeGreaterThan(0);
    await page.unroute(samplesPaths);
    asked.length = 0;
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await page.locator('.over').waitFor({ state: 'detached', timeout: 30_000 });
    expect((await sampleAt()).value).toBeGreaterThan(0);
    // nothing that is on its way is given up while the hand rests
    const ofSamples = asked.filter((url) => url.includes('/samples'));
    expect(ofSamples.length).toBeGreaterThan(3);
    expect(new Set(ofSamples).size).toBe(ofSamples.length);
    await line.send('Network.emulateNetworkConditions', {
      ...at,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    });
  });

  test('a dead line is filled where it is drawn, and 8 shows it as measured', async () => {
    await press('9');
    const { row, column } = await sampleAt();
    const { x, y } = await middleOf();
    const [down, across] = [row - DEAD_ROW, column - 200];
    await page.mouse.down();
    await page.mouse.move(x + across, y + down, { steps: 3 });
    await page.mouse.up();
    expect(await sampleAt()).toEqual({ row: DEAD_ROW, column: 200, value: 0 });
    await page.getByText(/Failures filled in for display \(lines: [1-9]/).waitFor();
    await page.mouse.move(1, 1);
    const filled = await greysAround({ x, y }, 100, 2);
    await press('8');
    await page.getByText(/As measured, including failures \(lines: [1-9]/).waitFor();
    expect(await sampleAt()).toEqual({ row: DEAD_ROW, column: 200, value: 0 });
    await page.mouse.move(1, 1);
    const measured = await greysAround({ x, y }, 100, 2);
    expect(Math.min(...filled)).toBeGreaterThan(5);
    expect(Math.min(...measured)).toBe(0);
    await press('8');
  });

  test('a cab that the policy masks is grey, its samples are flat below, and no figure tells them', async () => {
    const [scanner] = (await service.as('supervisor', { url: '/v1/scanners' })).json().items;
    await placeCab(service, scanner.id, { side: 'left', share: 0.25 });
    const cover = page.locator('.picture svg rect.masked');
    const openAgain = async () => {
      await page.reload();
      await canvas().waitFor();
      await page.locator('.over:not(.cab)').waitFor({ state: 'detached' });
      await press('0');
    };
    await decideCab(service, 'masked');
    await openAgain();
    await page.getByText('Cab masked by policy').waitFor();
    const box = await cover.boundingBox();
    if (box === null) throw new Error('nothing covers the cab');
    const middle = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
    const [width, height] = [2 * Math.floor(box.width / 2) - 4, 2 * Math.floor(box.height / 2) - 4];
    const values = async (at = middle) => new Set(await greysAround(at, width, height));
    await page.mouse.move(1, 1);
    expect(await values()).toEqual(new Set([128]));
    await page.mouse.move(middle.x, middle.y);
    await page.getByText(/row \d+, column \d+: masked/).waitFor();
    await page.mouse.move(1, 1);
    // what the canvas itself has there
    const hide = () =>
      page.evaluate(() => {
        for (const over of document.querySelectorAll<HTMLElement>('.picture svg, .picture .over'))
          over.style.visibility = 'hidden';
      });
    await hide();
    expect((await values()).size).toBe(1);
    expect((await values({ ...middle, x: middle.x + width + 8 })).size).toBeGreaterThan(50);
    // the picture beside it is of the same scanner
    await press('v');
    await page.locator('.beside-picture .picture svg rect.masked').waitFor();
    await decideCab(service, 'shown');
    await openAgain();
    await page.mouse.move(1, 1);
    expect(await cover.count()).toBe(0);
    expect((await values()).size).toBeGreaterThan(50);
  });

  test('E turns to the left and X mirrors, with the same sample in the middle', async () => {
    await press('0', '9');
    const at = await sampleAt();
    const right = await sampleAt(60, 0);
    const left = await sampleAt(-60, 0);
    await press('e');
    await expectSample([0, 0], at);
    await expectSample([0, -60], right);
    await press('e', 'e', 'e', 'x');
    await expectSample([0, 0], at);
    await expectSample([60, 0], left);
    await press('p');
    await expectSample([60, 0], right);
  });

  test('the address contains the position: a reload and a copy of it show the same part', async () => {
    await press('9', 'e', 'ArrowLeft', 'ArrowUp');
    const at = await sampleAt();
    const right = await sampleAt(60, 0);
    const steps = await page.evaluate(() => window.history.length);
    // once the last move has ended
    await page.waitForURL(({ searchParams }) => {
      const [x = Number.NaN, y = Number.NaN] = (searchParams.get('at') ?? '').split(',').map(Number);
      const isLast = Math.abs(x - at.column) <= 1.5 && Math.abs(y - at.row) <= 1.5;
      return isLast && searchParams.get('zoom') === '1' && searchParams.get('turn') === '90';
    });
    const copied = page.url();
    for (const openAgain of [() => page.reload(), () => page.goto(copied)]) {
      await openAgain();
      await page.locator('canvas').waitFor();
      await page.locator('.over').waitFor({ state: 'detached' });
      await expectSample([0, 0], at);
      await expectSample([60, 0], right);
    }
    expect(await page.evaluate(() => window.history.length)).toBe(steps);
    await press('p', '0');
  });

  test.each([
    ['one pixel a sample', 0],
    ['far out', 7],
  ])('the loupe shows the stored sample below the pointer: %s', async (_, steps) => {
    await press('9', ...Array.from({ length: steps }, () => '-'), 'q');
    for (const across of [-20, 0, 15]) {
      const { value } = await sampleAt(across, 3);
      const [low, high] = await windowNow();
      const box = await page.locator('.loupe canvas').boundingBox();
      if (box === null) throw new Error('no loupe');
      const middle = { x: Math.floor(box.x + box.width / 2), y: Math.floor(box.y + box.height / 2) };
      const [grey = -9] = await greysAround(middle, 2, 2);
      expect(Math.abs(grey - 255 * Math.min(1, (value - low) / (high - low)))).toBeLessThanOrEqual(1.5);
    }
    await page.screenshot({ path: join(artefacts, `loupe-${steps}-1280.png`) });
    await press('q');
    expect(await page.locator('.loupe').count()).toBe(0);
  });

  test('named buttons turn, mirror, and open magnifier and comparison without a keyboard', async () => {
    const tools = page.getByRole('toolbar', { name: 'Tools' });
    const click = (name: string) => tools.getByRole('button', { name }).click();
    await press('0', '9');
    const at = await sampleAt();
    const right = await sampleAt(60, 0);
    await click('Rotate left (E)');
    await expectSample([0, -60], right);
    for (let turn = 0; turn < 3; turn++) await click('Rotate left (E)');
    await click('Mirror (X)');
    await expectSample([-60, 0], right);
    await click('Mirror (X)');
    await expectSample([0, 0], at);
    await click('Loupe (Q)');
    await sampleAt();
    await page.locator('.loupe canvas').waitFor();
    await click('Loupe (Q)');
    await click('Comparison (V)');
    await page.getByRole('toolbar', { name: 'Comparison' }).waitFor();
    await click('Comparison (V)');
    await expect.poll(() => page.locator('.picture > .drawn > canvas').count(), { timeout: 10_000 }).toBe(1);
  });

  test('V puts the last scan of the container beside it, both move together, and Y lets them go', async () => {
    await press('0', 'v');
    await page.getByRole('toolbar', { name: 'Comparison' }).waitFor();
    await expect.poll(() => page.locator('.picture > .drawn > canvas').count(), { timeout: 10_000 }).toBe(2);
    await page
      .getByLabel('Comparison')
      .getByText(/Same container/)
      .first()
      .waitFor({ state: 'attached' });
    await page.locator('.over').first().waitFor({ state: 'detached' });
    await press('0');
    await expect.poll(differenceOfBoth, { timeout: 10_000 }).toBeLessThan(ALIKE);
    await press('9', 'ArrowLeft', 'w', 'd', 'x');
    await expect.poll(differenceOfBoth, { timeout: 10_000 }).toBeLessThan(ALIKE);
    await page.screenshot({ path: join(artefacts, 'beside-1280.png') });

    // a hand on the other picture moves that of the case
    const before = await sampleAt();
    const { x, y } = await middleOf(1);
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 40, y - 30, { steps: 4 });
    await page.mouse.up();
    await expectSample([40, -30], before);
    await expect.poll(differenceOfBoth, { timeout: 10_000 }).toBeLessThan(ALIKE);

    await press('y', 'i', 'ArrowRight');
    await expect.poll(differenceOfBoth, { timeout: 10_000 }).toBeGreaterThan(3 * ALIKE);
    await press('y');
    await expect.poll(differenceOfBoth, { timeout: 10_000 }).toBeLessThan(ALIKE);
    await press('b');
    await expect.poll(() => page.locator('.picture > .drawn > canvas').count(), { timeout: 10_000 }).toBe(2);
    await press('v');
    await expect.poll(() => page.locator('.picture > .drawn > canvas').count(), { timeout: 10_000 }).toBe(1);
    await press('p', '0');
  });

  test('one finger moves the picture, two apart zoom, and two together change the window', async () => {
    await press('p', '0', '9');
    const { x, y } = await middleOf();
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...points: readonly Spot[]) =>
      line.send('Input.dispatchTouchEvent', { type, touchPoints: points.map((at, id) => ({ ...at, id })) });
    const before = await sampleAt();
    await touch('touchStart', { x, y });
    for (const by of [10, 20, 30]) await touch('touchMove', { x: x + by, y: y + by });
    await touch('touchEnd');
    await settled();
    await expectSample([30, 30], before);

    const [right, middle] = [await sampleAt(80, 0), await sampleAt()];
    await touch('touchStart', { x: x - 40, y }, { x: x + 40, y });
    for (const by of [60, 100, 160]) await touch('touchMove', { x: x - by, y }, { x: x + by, y });
    await touch('touchEnd');
    await settled();
    await expectSample([0, 0], middle);
    // four times as far apart, of which the first part says that they zoom
    const zoomed = await sampleAt(80, 0);
    expect(zoomed.column - middle.column).toBeLessThan((right.column - middle.column) / 2);

    const [low, high] = await windowNow();
    await touch('touchStart', { x: x - 40, y }, { x: x + 40, y });
    for (const by of [20, 60, 100])
      await touch('touchMove', { x: x - 40, y: y - by }, { x: x + 40, y: y - by });
    await touch('touchEnd');
    await settled();
    const [lower, upper] = await windowNow();
    expect(lower - low).toBeGreaterThan(100);
    expect(upper - lower).toBe(high - low);
    await expectSample([0, 0], middle);
  });

  test('the sheet of keys names every key that acts on the picture', async () => {
    await press('?');
    const keys = await page.getByRole('dialog').locator('kbd').allInnerTexts();
    expect(keys).toEqual(expect.arrayContaining(['V', 'B', 'Y', 'Q', 'E', 'X', ',', '.', '8']));
    await press('Escape');
  });

  test('comma and point go from wagon to wagon of a train', async () => {
    await send(service.deps, train.files);
    await service.work();
    const before = page.url();
    await press('1', 'Enter');
    await page.waitForURL((url) => url.href !== before && /\/case\//.test(url.pathname));
    await canvas().waitFor();
    await page.locator('.over').waitFor({ state: 'detached' });
    const [first, second, third] = train.units.map(({ columns: { from, to } }) => (from + to) / 2);
    const expectColumn = async (wanted = Number.NaN) => {
      const { row } = await sampleAt();
      await expectSample([0, 0], { row, column: wanted });
    };
    await press(',', ',', ',');
    await expectColumn(first);
    await press('.');
    await expectColumn(second);
    await press('.', '.');
    await expectColumn(third);
    await page.getByRole('button', { name: 'Previous wagon or container (,)' }).click();
    await expectColumn(second);
    await page.getByLabel('Wagon', { exact: true }).selectOption({ index: 0 });
    await expectColumn(first);
    await page.screenshot({ path: join(artefacts, 'wagon-1280.png') });
  });

  test('the strip shows the whole train, and a click, a drag and keys on it move the part in view', async () => {
    const strip = page.getByRole('slider', { name: 'Visible part of the train' });
    const box = await strip.boundingBox();
    if (box === null) throw new Error('no strip');
    const sides = train.units.at(-1)?.columns.to ?? 0;
    const columnAt = async (share: number) => {
      const isThere = async () => Math.abs((await sampleAt()).column / sides - share) < 0.01;
      await expect.poll(isThere, { timeout: 10_000 }).toBe(true);
    };
    const at = (share: number) => [box.x + box.width * share, box.y + box.height / 2] as const;
    // what is drawn is the train itself, darker where the load is than where nothing is
    expect(
      new Set(await greysAround({ x: Math.round(at(0.5)[0]), y: Math.round(at(0.5)[1]) }, 600, 20)).size,
    ).toBeGreaterThan(30);
    await page.mouse.click(...at(0.25));
    await columnAt(0.25);
    expect(await strip.getAttribute('aria-valuetext')).toMatch(/^Wagon 1 of 3: 1 · /);
    await page.mouse.move(...at(0.25));
    await page.mouse.down();
    await page.mouse.move(...at(0.8), { steps: 4 });
    await page.mouse.up();
    await columnAt(0.8);
    await strip.focus();
    await page.screenshot({ path: join(artefacts, 'train-1280.png') });
    const shareNow = () => strip.getAttribute('aria-valuenow');
    for (const [key, share] of [
      ['Home', '0'],
      ['End', '100'],
    ] as const) {
      await press(key);
      await expect.poll(shareNow).toBe(share);
    }
  });

  test('columns of twice the pitch of rows are drawn twice as wide, also turned', async () => {
    await canvas().focus();
    await press('0', '9');
    const { row, column } = await sampleAt();
    await expectSample([60, 0], { row, column: column + 30 });
    await expectSample([0, 20], { row: row + 20, column });
    await press('e');
    await expectSample([0, -60], { row, column: column + 30 });
    await expectSample([20, 0], { row: row + 20, column });
    await press('p', '0');
  });
});

/** That the sample lies at a place of the first canvas, so many pixels from its middle, as soon as it is drawn. */
async function expectSample(
  [across, down]: readonly [number, number],
  wanted: { readonly row: number; readonly column: number },
): Promise<void> {
  const isThere = async () => {
    const { row, column } = await sampleAt(across, down);
    return Math.abs(row - wanted.row) <= 1 && Math.abs(column - wanted.column) <= 1;
  };
  await expect.poll(isThere, { timeout: 10_000 }).toBe(true);
}
