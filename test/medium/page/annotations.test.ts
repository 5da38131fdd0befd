import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Annotation } from '../../../src/core/case/annotation.ts';
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
import { story } from '../../support/vitest/story.ts';

/** Drawing and measuring on the picture, in a real browser over the real service. */

const chromium = hasChromium();

let service: Harness;
let address: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let id: string;

beforeAll(async () => {
  if (!chromium) return;
  ({ service, address, browser } = await openWorkstation());
  await sendSimulated(service.deps, actor('scanner'), 3);
  await service.work();
  // axe is put into the page, which its policy does not allow
  context = await browser.newContext({ viewport: { width: 1280, height: 800 }, bypassCSP: true });
  page = await context.newPage();
  await page.goto(signInAddress(address, 'analyst'));
  await page.getByRole('button', { name: /Next case/ }).waitFor();
  await page.keyboard.press('n');
  await page.waitForURL(/\/case\//);
  id = page.url().split('/').at(-1) ?? '';
  await whole();
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
});

/** Until all samples are here. */
async function whole(): Promise<void> {
  await page.locator('canvas').waitFor();
  await page.locator('.over').waitFor({ state: 'detached' });
}

async function stored(query = ''): Promise<Annotation[]> {
  return (await service.as('auditor', { url: `/v1/cases/${id}/annotations${query}` })).json().items;
}

/** A place in the picture by shares of it. */
async function place([x, y]: readonly [number, number]): Promise<readonly [number, number]> {
  const box = await page.locator('canvas').boundingBox();
  if (box === null) throw new Error('no canvas');
  return [box.x + box.width * x, box.y + box.height * y];
}

async function click(at: readonly [number, number]): Promise<void> {
  await page.mouse.click(...(await place(at)));
}

async function drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  await page.mouse.move(...(await place(from)));
  await page.mouse.down();
  await page.mouse.move(...(await place(to)), { steps: 4 });
  await page.mouse.up();
}

const list = () => page.getByRole('region', { name: 'Annotations' });
const saved = () => list().getByText('Saved', { exact: true }).waitFor();
const press = async (...keys: readonly string[]) => {
  for (const key of keys) await page.keyboard.press(key);
};
const marks = () => page.locator('.marks .mark').count();

story.runIf(chromium)('an analyst who draws on the picture of a case', () => {
  test('draws a box, a polygon, an arrow and a text by mouse, and the service has each at once', async () => {
    await press('m');
    await drag([0.4, 0.45], [0.5, 0.55]);
    await saved();
    await press('g');
    for (const at of [
      [0.6, 0.4],
      [0.66, 0.4],
      [0.63, 0.5],
      [0.6, 0.4],
    ] as const)
      await click(at);
    await press('r');
    await drag([0.3, 0.4], [0.42, 0.5]);
    await press('t');
    await click([0.55, 0.6]);
    await page.getByPlaceholder('Type the text, then press Enter').fill('two layers');
    await press('Enter');
    await expect
      .poll(async () => (await stored()).map(({ shape, text }) => [shape, text]))
      .toEqual([
        ['box', undefined],
        ['polygon', undefined],
        ['arrow', undefined],
        ['text', 'two layers'],
      ]);
    await saved();
    expect(await marks()).toBe(4);
    expect((await stored()).find(({ shape }) => shape === 'polygon')?.points).toHaveLength(3);
  });

  test('draws by the keyboard alone: arrows move a crosshair, Enter sets a point, and no verdict goes out', async () => {
    await press(
      'm',
      'ArrowLeft',
      'ArrowLeft',
      'Enter',
      'ArrowRight',
      'ArrowDown',
      'Shift+ArrowDown',
      'Enter',
    );
    await press('o', 'ArrowUp', 'Enter');
    await expect.poll(async () => (await stored()).length).toBe(6);
    const [box, point] = (await stored()).slice(-2);
    expect([box?.shape, point?.shape]).toEqual(['box', 'point']);
    const [one, other] = box?.points ?? [];
    expect((other?.x ?? 0) - (one?.x ?? 0)).toBeGreaterThan(0);
    expect((other?.y ?? 0) - (one?.y ?? 0)).toBeGreaterThan(1);
    const { state }: Case = (await service.as('auditor', { url: `/v1/cases/${id}` })).json();
    expect(state).toBe('claimed');
    await press('g', 'Enter', 'Escape', 'Escape');
    await expect.poll(() => page.locator('.crosshair').count()).toBe(0);
  });

  test('writes beside a shape, removes one, and takes both back', async () => {
    const text = page.getByLabel('Text for 1, Box');
    await text.fill('dense block');
    await press('Enter');
    await expect.poll(async () => (await stored())[0]?.text).toBe('dense block');
    await page.getByRole('button', { name: 'Remove 6, Point' }).click();
    await expect.poll(async () => (await stored()).length).toBe(5);
    await page.getByRole('button', { name: /Undo/ }).click();
    await expect.poll(async () => (await stored()).length).toBe(6);
    await page.locator('canvas').focus();
    await press('u');
    await expect.poll(async () => (await stored())[0]?.text).toBeUndefined();
    expect(await stored('?removed=true')).toHaveLength(7);
    await page.getByLabel('Text for 1, Box').fill('dense block');
    await press('Enter');
    await saved();
  });

  test('finds all of it after a reload, drawn where it was', async () => {
    const paths = () =>
      page.locator('.marks .mark .over-line').evaluateAll((all) => all.map((one) => one.getAttribute('d')));
    const before = await paths();
    await page.reload();
    await whole();
    await expect.poll(marks).toBe(6);
    expect(await paths()).toEqual(before);
  });

  test('goes on drawing while the line is lost; what was drawn is sent when it is back, once', async () => {
    // the answer to the first is lost on its way: the service has it, and the page cannot know
    let lost = 0;
    await page.route('**/annotations', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      lost += 1;
      if (lost === 1) await route.fetch();
      return route.abort();
    });
    await press('m');
    await drag([0.2, 0.5], [0.25, 0.6]);
    await list().getByText('Not saved yet').waitFor();
    await press('o');
    await click([0.7, 0.55]);
    expect(await marks()).toBe(8);
    await page.screenshot({ path: join(artefacts, 'annotations-line-lost-1280.png') });
    expect(await stored()).toHaveLength(7);
    await page.unroute('**/annotations');
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await saved();
    expect(await stored()).toHaveLength(8);
    expect(
      await page.evaluate((key) => window.localStorage.getItem(key), `nii-annotations-${id}`),
    ).toBeNull();
  });

  test('measures a line and an area, and sets window and curve by the area', async () => {
    await press('k');
    await drag([0.3, 0.5], [0.6, 0.5]);
    const measures = page.getByRole('region', { name: 'Measurements' });
    await measures.getByText(/samples/).waitFor();
    expect(await measures.locator('polyline').count()).toBeGreaterThan(1);
    await press('h');
    const low = page.getByLabel('Lower limit of the window');
    await low.focus();
    await press('ArrowRight', 'ArrowRight');
    expect(Number(await low.inputValue())).toBeGreaterThan(0);
    await page.screenshot({ path: join(artefacts, 'measures-line-1280.png') });
    await page.locator('canvas').focus();
    await press('j');
    await drag([0.4, 0.45], [0.5, 0.55]);
    await measures.getByRole('cell').first().waitFor();
    const window = () => measures.locator('figcaption').first().textContent();
    const before = await window();
    await measures.getByRole('button', { name: 'Fit window to this area' }).click();
    await expect.poll(window).not.toBe(before);
    await measures.getByRole('button', { name: 'Fit curve to this area' }).click();
    await page.addScriptTag({ content: axe.source });
    const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    expect(found.violations.map(({ id: rule, nodes }) => `${rule}: ${nodes[0]?.html}`)).toEqual([]);
  });

  test('looks as in the pictures, dark and light', async () => {
    for (const [name, width, height] of [
      ['1280', 1280, 800],
      ['1920', 1920, 1080],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const theme of ['Light', 'Dark']) {
        await page.screenshot({
          path: join(artefacts, `annotations-${theme === 'Light' ? 'dark' : 'light'}-${name}.png`),
        });
        await page.getByRole('button', { name: theme }).click();
      }
      expect(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)).toBe(false);
    }
    await page.getByRole('button', { name: 'Close the measurements' }).click();
    await page.locator('canvas').focus();
    await press('p');
  });

  test('gives a verdict that carries what was drawn, and the searcher sees it', async () => {
    await press('2', 'Enter');
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    const { verdicts, state }: Case = (await service.as('searcher', { url: `/v1/cases/${id}` })).json();
    expect(state).toBe('decided');
    expect(verdicts[0]?.regions).toHaveLength(8);
    expect(verdicts[0]?.regions?.map(({ text }) => text).filter((text) => text !== undefined)).toEqual([
      'dense block',
      'two layers',
    ]);
    expect(verdicts[0]?.reading?.tools).toContain('measure');
    await service.as('supervisor', { method: 'POST', url: `/v1/cases/${id}/refer`, payload: {} });
    await page.goto(signInAddress(address, 'searcher', `/searches/${id}`));
    await page.locator('.marked svg polygon').first().waitFor();
    expect(await page.locator('.marked svg polygon').count()).toBe(8);
    await page.getByText('1: dense block').waitFor();
  });
});
