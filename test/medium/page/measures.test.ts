import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/adapters/postgres/database.ts';
import { openJobs } from '../../../src/adapters/postgres/jobs.ts';
import { openRecords } from '../../../src/adapters/postgres/records.ts';
import { hasChromium } from '../../browser-support/chromium.ts';
import { ADMINISTRATION, type Harness } from '../../support/harness.ts';
import { simulateMonth } from '../../support/measures/month.ts';
import { storeMonth } from '../../support/measures/store-month.ts';
import {
  artefacts,
  closeWorkstation,
  openWorkstation,
  signInAddress,
} from '../../support/page/workstation.ts';
import { freshDatabase } from '../../support/postgres/fresh-database.ts';

/** A supervisor asks what the work of a month was worth, in a real browser. */

const chromium = hasChromium();
const DAY_MS = 86_400_000;
const SCANS = 1500;

let copy: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
let service: Harness;
let address: string;
let browser: Browser;

beforeAll(async () => {
  if (!chromium) return;
  copy = await freshDatabase();
  database = await openDatabase(copy.url);
  ({ service, address, browser } = await openWorkstation({
    records: openRecords(database),
    jobs: openJobs(database),
  }));
  const to = new Date();
  const from = new Date(to.getTime() - 28 * DAY_MS);
  const month = { administration: ADMINISTRATION, seed: 7, scans: SCANS, from, to };
  await storeMonth(database, ADMINISTRATION, simulateMonth(month));
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
  await database?.close();
  await copy?.drop();
});

interface Desk {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of. */
  readonly complaints: string[];
}

const desktop = { width: 1280, height: 800 };

/** @param isAudited - axe is put into the page, which its policy does not allow */
async function open(search = '', viewport = desktop, isAudited = false): Promise<Desk> {
  const context = await browser.newContext({
    viewport,
    bypassCSP: isAudited,
    timezoneId: 'Europe/Amsterdam',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(signInAddress(address, 'supervisor'));
  await page.locator('header.bar').waitFor();
  await page.goto(`${address}/measures${search}`);
  await page.getByRole('heading', { name: 'Performance' }).waitFor();
  return { context, page, complaints };
}

const names = [
  'Scans and decisions per hour',
  'Time from the scan to each step',
  'Alarms, suspects, referrals and hits',
  'Agreement',
  'Cases past due',
] as const;
const panelOf = (page: Page, name: (typeof names)[number]) => page.getByRole('region', { name, exact: true });

async function settled(page: Page): Promise<void> {
  for (const name of names) await panelOf(page, name).and(page.locator('[aria-busy=false]')).waitFor();
}

/** How many of the pixels of a plot differ from its background. */
const inkOf = (plot: Locator) =>
  plot.locator('canvas').evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const pixels = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data;
    return [...(pixels ?? [])].filter((value, i) => i % 4 === 3 && value > 0).length;
  });

const violationsOf = async (page: Page) => {
  await page.addScriptTag({ content: axe.source });
  const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
};

describe.runIf(chromium)('a supervisor who asks what the work was worth', () => {
  test('sees five measures, each with a plot and a table of the figures of the service', async () => {
    const { context, page, complaints } = await open();
    await settled(page);
    for (const name of names) {
      const panel = panelOf(page, name);
      const plot = panel.getByRole('img', { name: `Plot of ${name}` });
      await plot.waitFor();
      if (name === 'Agreement') expect(await plot.locator('circle').count()).toBe(6);
      else await expect.poll(() => inkOf(plot), { message: name }).toBeGreaterThan(1000);
      expect(await panel.getByRole('table').first().getByRole('row').count()).toBeGreaterThan(2);
    }
    const { rows } = (await service.as('supervisor', { url: '/v1/measures/rates' })).json();
    const hits = rows.find((row: { figure: string; part: string }) => row.figure === 'hit-rate');
    const row = panelOf(page, 'Alarms, suspects, referrals and hits')
      .getByRole('table')
      .first()
      .getByRole('row', { name: /^Hit rate/ });
    expect(await row.textContent()).toContain(`${(hits.value * 100).toFixed(1)} %`);
    expect(await row.getByRole('cell').last().textContent()).toMatch(new RegExp(`/ ${hits.of}$`));
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('finds period, parts, site and scanner in the address, and the same page by it', async () => {
    const { context, page, complaints } = await open();
    await page.getByLabel('Period').selectOption({ label: 'Number of days: 7' });
    await page.getByLabel('Group by').selectOption({ label: 'hour' });
    await page.getByLabel('Scanner').fill('gate-1');
    await page.keyboard.press('Enter');
    await settled(page);
    expect(new URL(page.url()).search).toBe('?days=7&by=hour&scanner=gate-1');
    const scans = panelOf(page, 'Scans and decisions per hour')
      .getByRole('table')
      .first()
      .getByRole('rowheader');
    const shown = ['All', 'harbour, gate-1'];
    await expect.poll(() => scans.allTextContents()).toEqual(shown);
    await page.reload();
    await settled(page);
    expect(await page.getByLabel('Group by').inputValue()).toBe('hour');
    await expect.poll(() => scans.allTextContents()).toEqual(shown);
    await page.goBack();
    await expect.poll(() => page.getByLabel('Scanner').inputValue()).toBe('');
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('is told what is wrong with a site of others, and that a quiet period is empty', async () => {
    const { context, page } = await open('?days=7&by=day&site=elsewhere');
    await panelOf(page, 'Agreement')
      .getByText(/Unknown site, or not visible to this key/)
      .waitFor();
    await page.getByLabel('Site').fill('');
    await page.getByLabel('Scanner').fill('no-such-scanner');
    await page.keyboard.press('Enter');
    await panelOf(page, 'Agreement').getByText('No scans in this period.').waitFor();
    await context.close();
  });

  test('downloads a measure as CSV', async () => {
    const { context, page, complaints } = await open();
    await settled(page);
    const coming = page.waitForEvent('download');
    await page.getByRole('link', { name: 'CSV: Cases past due' }).click();
    const file = await coming;
    expect(file.suggestedFilename()).toBe('past-due.csv');
    const lines = readFileSync(await file.path(), 'utf8').split('\r\n');
    expect(lines[0]).toBe('measure,figure,part,from,to,site,scanner,count,of,value,low,high,unit');
    expect(lines.filter((line) => line.startsWith('past-due,late-rate,time,')).length).toBeGreaterThan(20);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('sees figures for persons on request, if the policy states the purpose and the roles', async () => {
    const before = await open();
    await settled(before.page);
    expect(await before.page.getByRole('region', { name: 'Figures for individual people' }).count()).toBe(0);
    await before.context.close();
    const [first = '', second = ''] = await Promise.all(
      [1, 2].map(() => service.newToken('administrator', ADMINISTRATION, '*')),
    );
    const { terms } = (await service.ask(first, { url: '/v1/policy' })).json();
    const personFigures = { purpose: 'training', roles: ['supervisor'], days: 365 };
    const decide = (token: string, method: 'PUT' | 'POST', url: string, version: number, payload: object) =>
      service.ask(token, { method, url, payload, headers: { 'if-match': `"${version}"` } });
    const proposed = await decide(first, 'PUT', '/v1/policy', 0, { ...terms, personFigures });
    expect(proposed.statusCode, proposed.body).toBe(202);
    const confirmed = await decide(second, 'POST', '/v1/policy/confirmation', 1, {});
    expect(confirmed.statusCode, confirmed.body).toBe(200);
    const { context, page, complaints } = await open();
    const persons = page.getByRole('region', { name: 'Figures for individual people' });
    await persons.getByText('Purpose: training.').waitFor();
    expect(await persons.getByRole('table').count()).toBe(0);
    await persons.getByRole('button', { name: 'Show figures for individual people' }).click();
    await persons.getByRole('table').waitFor();
    expect(await persons.getByRole('row').count()).toBeGreaterThan(2);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('opens the scans of a figure by keyboard alone, and closes them where the figure was', async () => {
    const { context, page, complaints } = await open();
    await settled(page);
    const row = panelOf(page, 'Alarms, suspects, referrals and hits')
      .getByRole('table')
      .first()
      .getByRole('row', { name: /^Hit rate/ });
    const count = Number.parseInt((await row.getByRole('button').textContent()) ?? '', 10);
    const atFigure = () => page.evaluate(() => document.activeElement?.closest('tr')?.textContent ?? '');
    for (let i = 0; i < 200 && !(await atFigure()).startsWith('Hit rate'); i++)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const scans = page.getByRole('dialog', { name: 'Scans behind the figure' });
    await scans.getByRole('row').nth(1).waitFor();
    expect(await scans.getByRole('rowheader').count()).toBe(count);
    expect(await scans.getByRole('rowheader').first().textContent()).toMatch(/^m7-[0-9]{6}$/);
    expect(new URL(page.url()).searchParams.get('scans')).toContain('figure=hit');
    await page.screenshot({ path: join(artefacts, 'measures-scans-1280.png') });
    await page.keyboard.press('Escape');
    await scans.waitFor({ state: 'detached' });
    expect(await atFigure()).toMatch(/^Hit rate/);
    await page.goBack();
    await scans.waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('can be anybody: axe finds nothing, in both themes, with all tables and scans open', async () => {
    const { context, page } = await open('', desktop, true);
    await settled(page);
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await violationsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Light' }).click();
    expect(await violationsOf(page)).toEqual([]);
    await panelOf(page, 'Cases past due').locator('button.opens').first().click();
    await page.getByRole('dialog').getByRole('row').nth(1).waitFor();
    expect(await violationsOf(page)).toEqual([]);
    await context.close();
  });

  test.each([
    ['1280', desktop],
    ['1920', { width: 1920, height: 1080 }],
    ['portrait', { width: 1200, height: 1920 }],
  ] as const)('sees all of it at %s, dark and light', async (size, viewport) => {
    const { context, page, complaints } = await open('', viewport);
    await settled(page);
    const widest = () =>
      page.locator('main').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    await page.screenshot({ path: join(artefacts, `measures-dark-${size}.png`) });
    await page.getByRole('button', { name: 'Light' }).click();
    await page.screenshot({ path: join(artefacts, `measures-light-${size}.png`) });
    await page.setViewportSize({ width: viewport.width, height: 2400 });
    await page.screenshot({ path: join(artefacts, `measures-whole-${size}.png`) });
    expect(await widest()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();
  });
});
