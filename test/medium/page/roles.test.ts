import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtPage } from '../../../src/http/pages/workstation.ts';
import { hasChromium, startChromium } from '../../browser-support/chromium.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../support/harness.ts';

/** The days of those who do not read images first: supervisor, searcher and radiation officer, in a real browser. */

const token = 'a-token-of-this-test';
const shots = join(fileURLToPath(new URL('../../../.cache/page', import.meta.url)));
const chromium = hasChromium();

let service: Harness;
let address: string;
let browser: Browser;

beforeAll(async () => {
  if (!chromium) return;
  mkdirSync(shots, { recursive: true });
  const pageFolder = builtPage();
  if (pageFolder === undefined) throw new Error('the page is not built: npm run build');
  service = await openHarness({
    pageFolder,
    demoSignIn: { token, administration: ADMINISTRATION, site: SITE },
    deps: { sessions: { source: 'a test', idleMinutes: 15, hours: 12 } },
  });
  address = await service.listen();
  browser = await startChromium();
});

afterAll(async () => {
  await browser?.close();
  await service?.close();
  if (chromium) expect(service.wrongAnswers).toEqual([]);
});

type Role = 'analyst' | 'supervisor' | 'searcher' | 'radiation-officer' | 'auditor';

interface Desk {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of. */
  readonly complaints: string[];
}

const desktop = { width: 1280, height: 800 };

async function signIn(role: Role, to = '/', viewport = desktop): Promise<Desk> {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${address}/demo-sign-in?token=${token}&role=${role}&to=${to}`);
  await page.locator('header.bar').waitFor();
  return { context, page, complaints };
}

describe.runIf(chromium)('the places of a person', () => {
  test.each([
    ['supervisor', ['Queue', 'Room', 'Searches', 'Radiation']],
    ['analyst', []],
    ['searcher', []],
    ['radiation-officer', []],
  ] as const)('of the role %s are those of its work alone', async (role, names) => {
    const { context, page, complaints } = await signIn(role);
    expect(await page.getByRole('navigation').getByRole('link').allInnerTexts()).toEqual(names);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('say so where an address is none of them, and where a role has none', async () => {
    const analyst = await signIn('analyst', '/room');
    await analyst.page.getByText('does not belong to a role of yours').waitFor();
    await analyst.page.getByRole('link', { name: 'Go to your work' }).click();
    await analyst.page.getByRole('button', { name: /Next case/ }).waitFor();
    await analyst.context.close();
    const auditor = await signIn('auditor');
    await auditor.page.getByText('has no place on this page').waitFor();
    await auditor.context.close();
  });

  test('are in the address: a reload and a step back show what they showed', async () => {
    const { context, page } = await signIn('supervisor');
    await page.getByRole('link', { name: 'Room' }).click();
    expect(new URL(page.url()).pathname).toBe('/room');
    await page.reload();
    const here = page.locator('nav [aria-current=page]');
    expect(await here.innerText()).toBe('Room');
    await page.goBack();
    await expect.poll(() => here.innerText()).toBe('Queue');
    await context.close();
  });
});
