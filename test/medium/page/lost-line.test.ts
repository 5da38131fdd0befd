import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasChromium } from '../../browser-support/chromium.ts';
import type { Harness } from '../../support/harness.ts';
import { closeWorkstation, openWorkstation, signInAddress } from '../../support/page/workstation.ts';
import { sendSimulated } from '../../support/send-simulated.ts';
import { actor } from '../../support/stage.ts';
import { story } from '../../support/vitest/story.ts';

/** What the page says when the line is lost, and when the person has a second window open. */

const chromium = hasChromium();

let service: Harness;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let demo: string;

beforeAll(async () => {
  if (!chromium) return;
  const opened = await openWorkstation();
  ({ service, browser } = opened);
  demo = signInAddress(opened.address, 'analyst');
  await sendSimulated(service.deps, actor('scanner'), 3);
  await service.work();
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(demo);
  await page.locator('.bands').waitFor();
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
});

const lost = (one: Page) => one.getByText('The service is unreachable. The connection may have been lost');

story.runIf(chromium)('a lost line', () => {
  test('is said within ten seconds, takes nothing that was written, and is gone when it is back', async () => {
    await page.keyboard.press('n');
    await page.locator('canvas').waitFor();
    await page.locator('.over').waitFor({ state: 'detached' });
    await page.keyboard.press('2');
    await context.setOffline(true);
    await page.getByLabel('Note').fill('behind the third pallet');
    await lost(page).waitFor({ timeout: 10_000 });
    const id = page.url().split('/').at(-1);
    await page.getByRole('button', { name: /^Decide/ }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Note').inputValue()).toBe('behind the third pallet');
    await context.setOffline(false);
    await lost(page).waitFor({ state: 'detached', timeout: 10_000 });
    await page.getByRole('button', { name: /^Decide/ }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id ?? ''));
    const { verdicts } = (await service.as('auditor', { url: `/v1/cases/${id}` })).json();
    expect(verdicts).toMatchObject([{ kind: 'suspect', note: 'behind the third pallet' }]);
  });

  test('is told from a service that is gone behind its proxy by nobody: both are said alike', async () => {
    await page.route('**/v1/**', (route) => route.fulfill({ status: 502, body: 'Bad gateway' }));
    await lost(page).waitFor({ timeout: 10_000 });
    await page.unroute('**/v1/**');
    await lost(page).waitFor({ state: 'detached', timeout: 10_000 });
  });

  test('a second window of one person says so, until it is the only one', async () => {
    const said = (one: Page) => one.getByText('also open in another window of this browser');
    const second = await context.newPage();
    await second.goto(demo);
    await said(second).waitFor();
    expect(await said(page).count()).toBe(0);
    await page.close();
    await said(second).waitFor({ state: 'detached' });
  });
});
