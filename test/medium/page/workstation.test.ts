import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Case } from '../../../src/core/case/case.ts';
import { hasChromium } from '../../browser-support/chromium.ts';
import type { Harness } from '../../support/harness.ts';
import {
  artefacts,
  closeWorkstation,
  openWorkstation,
  signInAddress,
} from '../../support/page/workstation.ts';
import { sendSimulated } from '../../support/send-simulated.ts';
import { actor } from '../../support/stage.ts';

/** A day at the workstation, in a real browser over the real service. */

const chromium = hasChromium();
/** As long as the page waits between two questions where no events come. */
const QUIET_MS = 6_000;

let service: Harness;
let address: string;
let browser: Browser;

beforeAll(async () => {
  if (!chromium) return;
  ({ service, address, browser } = await openWorkstation({}, { composing: 'as-by-a-card' }));
  for (let seed = 1; seed <= 12; seed++) await sendSimulated(service.deps, actor('scanner'), seed);
  await service.work();
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
});

interface Desk {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of. */
  readonly complaints: string[];
  /** Addresses that the page asked for. */
  readonly asked: string[];
}

async function signIn(role: 'analyst' | 'supervisor' = 'analyst'): Promise<Desk> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(signInAddress(address, role));
  await page.getByRole('button', { name: /Next case/ }).waitFor();
  return { context, page, complaints, asked };
}

/** Takes the next case, and waits until all of its samples are here. */
async function takeCase(page: Page): Promise<string> {
  await page.keyboard.press('n');
  await page.waitForURL(/\/case\//);
  await page.locator('canvas').waitFor();
  await page.locator('.over').waitFor({ state: 'detached' });
  return page.url().split('/').at(-1) ?? '';
}

const stored = async (id: string): Promise<Case> =>
  (await service.as('auditor', { url: `/v1/cases/${id}` })).json();

/** Greys of what the canvas shows, 64 by 64 of them. */
async function greys(page: Page): Promise<readonly number[]> {
  // leaves the picture, so that nothing of what lies under the hand is over it
  await page.mouse.move(1, 1);
  const picture = await page.locator('canvas').screenshot({ animations: 'disabled' });
  const { data } = await sharp(picture)
    .resize(64, 64, { fit: 'fill' })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return [...data];
}
const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Drags over these shares of the picture. */
async function drag(
  page: Page,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  const box = await page.locator('canvas').boundingBox();
  if (box === null) throw new Error('no canvas');
  const at = ([x, y]: readonly [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 5 });
  await page.mouse.up();
}

describe.runIf(chromium)('the workstation', () => {
  test('assigns a case, shows it, accepts marks and a verdict by keyboard, and assigns the next', async () => {
    const { context, page, complaints } = await signIn();
    const id = await takeCase(page);
    expect(await stored(id)).toMatchObject({ state: 'claimed' });
    await page.keyboard.press('m');
    await drag(page, [0.4, 0.4], [0.6, 0.6]);
    await page.getByText('Regions marked: 1').waitFor();
    await page.keyboard.press('2');
    await page.screenshot({ path: join(artefacts, 'case-marked-1280.png') });
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    const { verdicts, state } = await stored(id);
    expect(state).toBe('decided');
    expect(verdicts).toMatchObject([{ kind: 'suspect', reason: 'density', regions: [{ view: 'main' }] }]);
    expect(verdicts[0]?.reading).toMatchObject({ findings: 'none', tools: [] });
    expect(verdicts[0]?.reading?.seconds).toBeGreaterThan(0);
    const { width = 0, height = 0 } = Object(verdicts[0]?.regions?.[0]);
    expect(width * height).toBeGreaterThan(100);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('changes window, curve, channel and place without a request, and goes back to the plain picture', async () => {
    const { context, page, asked } = await signIn();
    await takeCase(page);
    const plain = await greys(page);
    expect(new Set(plain).size).toBeGreaterThan(20);
    const before = asked.length;
    for (const [key, isBrighter] of [
      ['s', true],
      ['l', true],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(async () => mean(await greys(page)) > mean(plain)).toBe(isBrighter);
      await page.keyboard.press('p');
      await expect.poll(() => greys(page)).toEqual(plain);
    }
    await page.keyboard.press('i');
    await expect.poll(() => greys(page)).not.toEqual(plain);
    await page.keyboard.press('c');
    await page.keyboard.press('+');
    await drag(page, [0.5, 0.5], [0.7, 0.5]);
    await page.keyboard.press('0');
    await page.keyboard.press('p');
    await expect.poll(() => greys(page)).toEqual(plain);
    expect(asked.slice(before).filter((path) => path.includes('/channels/'))).toEqual([]);
    await context.close();
  });

  test('asks for nothing of a case twice, and keeps its stream of events from case to case', async () => {
    const { context, page, asked } = await signIn();
    const first = await takeCase(page);
    await page.keyboard.press('1');
    const before = asked.length;
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => !url.pathname.endsWith(first));
    await page.locator('.over').waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Declaration' }).waitFor();
    const ofNext = asked.slice(before);
    const { scanId } = await stored(page.url().split('/').at(-1) ?? '');
    expect(ofNext.filter((path) => path === `/v1/scans/${scanId}`)).toHaveLength(1);
    expect(ofNext.filter((path) => path.endsWith('/scan.json'))).toHaveLength(1);
    expect(ofNext).not.toContain('/v1/events');
    await context.close();
  });

  test('shows what waits as it changes, asks for nothing meanwhile, and ends with its session', async () => {
    const { context, page, asked } = await signIn();
    const waiting = async () => {
      const counts = await page.locator('.bands .count').allTextContents();
      return counts.reduce((sum, count) => sum + Number(count), 0);
    };
    const countsAsked = () => asked.filter((path) => path === '/v1/queue/counts').length;
    await expect.poll(countsAsked).toBeGreaterThanOrEqual(2); // at first, and when the events begin
    await expect.poll(waiting, { message: 'asked for, and then drawn' }).toBeGreaterThan(0);
    await page.waitForTimeout(QUIET_MS);
    const before = await waiting();
    const whileQuiet = countsAsked();
    await sendSimulated(service.deps, actor('scanner'), 99);
    await service.work();
    await expect.poll(waiting, { timeout: 5_000 }).toBe(before + 1);
    expect(whileQuiet).toBeLessThanOrEqual(3);
    const { person } = await page.evaluate(async () => (await fetch('/v1/session')).json());
    const at = new Date().toISOString();
    await service.deps.records.transaction(async (tx) => {
      for (const { id } of await tx.openSessions({ person: person.id }, at)) await tx.endSession(id, at);
    });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 11_000 });
    await context.close();
  });

  test('keeps a draft through a reload and through a session that ended', async () => {
    const { context, page } = await signIn();
    const id = await takeCase(page);
    await page.keyboard.press('3');
    await page.getByLabel('Note').fill('behind the third pallet');
    await page.reload();
    await page.locator('canvas').waitFor();
    expect(await page.getByLabel('Note').inputValue()).toBe('behind the third pallet');
    await context.clearCookies();
    await page.getByRole('button', { name: /Decide/ }).click();
    await page.getByText('Your session has ended').waitFor();
    expect(await stored(id)).toMatchObject({ state: 'claimed', verdicts: [] });
    await page.goto(signInAddress(address, 'analyst', `/case/${id}`));
    await page.locator('canvas').waitFor();
    expect(await page.getByLabel('Note').inputValue()).toBe('behind the third pallet');
    await context.close();
  });

  test('hands a case back with a reason, and says when it was taken away', async () => {
    const { context, page } = await signIn();
    const id = await takeCase(page);
    await page.getByRole('button', { name: 'Hand back' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('called away');
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await expect.poll(async () => (await stored(id)).history.map(({ kind }) => kind)).toContain('released');
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    const now = page.url().split('/').at(-1) ?? '';
    await page.locator('canvas').waitFor();
    await page.locator('.over').waitFor({ state: 'detached' });
    const taken = await service.as('supervisor', {
      method: 'POST',
      url: `/v1/cases/${now}/hand-back`,
      payload: { why: 'needed elsewhere' },
    });
    expect(taken.statusCode, taken.body).toBe(200);
    await page.keyboard.press('1');
    await page.keyboard.press('Enter');
    await page.screenshot({ path: join(artefacts, 'case-lost-1280.png') });
    await page.getByRole('alert').waitFor();
    expect((await stored(now)).verdicts).toEqual([]);
    await context.close();
  });

  test('never has two analysts on one case', async () => {
    const one = await signIn();
    const other = await signIn('supervisor');
    const ids = await Promise.all([takeCase(one.page), takeCase(other.page)]);
    expect(new Set(ids).size).toBe(2);
    await one.context.close();
    await other.context.close();
  });
});
