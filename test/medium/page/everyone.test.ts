import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Case } from '../../../src/core/case/case.ts';
import { hasChromium } from '../../browser-support/chromium.ts';
import { type Harness, SITE } from '../../support/harness.ts';
import { checkMirrored, checkView, type View } from '../../support/page/every-view.ts';
import { regionsOf } from '../../support/page/regions.ts';
import {
  artefacts,
  closeWorkstation,
  openWorkstation,
  signInAddress,
} from '../../support/page/workstation.ts';
import { sendSimulated } from '../../support/send-simulated.ts';
import { actor } from '../../support/stage.ts';
import { portalLines } from '../../support/vendors/portal.ts';
import { story } from '../../support/vitest/story.ts';

/** Every page and dialog of every role can be used by everyone: both themes, every size, every way to look and to press. */

const chromium = hasChromium();

let service: Harness;
let address: string;
let browser: Browser;
let inSearch: string;
let searchedInPart: string;
let hold: string;

async function post(url: string, payload: object = {}): Promise<Case> {
  const answer = await service.as('supervisor', { method: 'POST', url, payload });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

/** A case in search, with all that a searcher is told. */
async function refer(): Promise<string> {
  const dealt = await post('/v1/cases/next');
  const { id } = dealt;
  const regions = (await regionsOf(service, dealt)).map((region) => ({ ...region, text: 'dense' }));
  await post(`/v1/cases/${id}/verdict`, {
    kind: 'suspect',
    reason: 'density',
    note: 'a block behind the door',
    regions,
  });
  await post(`/v1/cases/${id}/refer`, { note: 'open the rear doors' });
  return id;
}

const alarmed = 'MSKU1234565';

/** By hand, and somebody proposes to let it go. */
async function heldByHand(): Promise<void> {
  const url = `/v1/sites/${SITE}/vehicle-holds/container/${alarmed}`;
  const put = async (payload: object) => {
    const { etag } = (await service.as('supervisor', { url })).headers;
    const headers = { 'if-match': String(etag) };
    await service.as('supervisor', { method: 'PUT', url, payload, headers });
  };
  await put({ isHeld: true, reason: 'customs of the neighbour asks for it', until: '2100-01-01T00:00:00Z' });
  await put({ isHeld: false, reason: 'the neighbour has looked' });
}

async function heldVehicle(): Promise<string> {
  const at = '2026-03-04T05:00:00Z';
  await service.sendFake({ seed: 77, containers: alarmed, acquired: at });
  await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans?name=gate.csv',
    payload: portalLines([{ from: at, number: 7, alarm: 'gamma' }]),
    headers: { 'content-type': 'application/octet-stream' },
  });
  await service.work();
  return (await service.as('radiation-officer', { url: '/v1/holds' })).json().items[0].id;
}

beforeAll(async () => {
  if (!chromium) return;
  ({ service, address, browser } = await openWorkstation());
  for (let seed = 1; seed <= 6; seed++) await sendSimulated(service.deps, actor('scanner'), seed);
  await service.work();
  inSearch = await refer();
  searchedInPart = await refer();
  await post(`/v1/cases/${searchedInPart}/outcome`, {
    kind: 'nothing-found',
    method: 'opened',
    extent: 'part',
  });
  hold = await heldVehicle();
  await heldByHand();
  const dispute = await post('/v1/cases/next');
  const words = { about: 'container', value: 'MSKU1234565', why: 'a cousin imports it' };
  await service.as('analyst', { method: 'POST', url: '/v1/conflicts', payload: words });
  await post(`/v1/cases/${dispute.id}/customs-release`, { reference: 'R-7' });
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
});

type Role = 'administrator' | 'analyst' | 'supervisor' | 'searcher' | 'radiation-officer' | 'auditor';

/** What a role sees: how it comes there, and what is on the screen then. */
interface Shown extends View {
  readonly role?: Role;
  readonly at: () => string;
  /** What comes last of it. */
  readonly until: string;
  /** The same after a reload, where that is another. */
  readonly stays?: string;
  readonly open?: (page: Page) => Promise<void>;
}

const dialog = (page: Page) => page.getByRole('dialog').waitFor();

const shown: readonly Shown[] = [
  { name: 'sign-in', at: () => '/', until: 'main h1' },
  { name: 'sign-in-failed', at: () => '/?failed=NII_SIGN_IN_FAILED', until: '[role=alert]' },
  { name: 'home', role: 'analyst', at: () => '/', until: '.bands' },
  { name: 'not-yours', role: 'analyst', at: () => '/room', until: 'main a' },
  { name: 'no-place', role: 'auditor', at: () => '/', until: 'main .notice' },
  {
    name: 'case',
    stays: 'canvas',
    role: 'analyst',
    at: () => '/',
    until: '.bands',
    needsWidth: true,
    open: async (page) => {
      if (!page.url().includes('/case/')) await page.keyboard.press('n');
      await page.locator('canvas').waitFor();
      await page.locator('.over').waitFor({ state: 'detached' });
      await page.keyboard.press('2');
    },
  },
  {
    name: 'case-hand-back',
    isDialog: true,
    role: 'analyst',
    at: () => '/',
    until: '.bands',
    needsWidth: true,
    open: async (page) => {
      await page.keyboard.press('n');
      await page.locator('canvas').waitFor();
      await page.locator('aside .verdict > .row > .button').first().click();
      await dialog(page);
    },
  },
  {
    name: 'case-danger',
    isDialog: true,
    role: 'analyst',
    at: () => '/',
    until: '.bands',
    needsWidth: true,
    open: async (page) => {
      await page.keyboard.press('n');
      await page.locator('canvas').waitFor();
      await page.keyboard.press('!');
      await dialog(page);
    },
  },
  {
    name: 'keys',
    isDialog: true,
    role: 'analyst',
    at: () => '/',
    until: '.bands',
    open: async (page) => {
      await page.keyboard.press('?');
      await dialog(page);
    },
  },
  { name: 'room', role: 'supervisor', at: () => '/room', until: '.room table tbody button' },
  {
    name: 'room-take-back',
    isDialog: true,
    role: 'supervisor',
    at: () => '/room',
    until: '.room table tbody button',
    open: async (page) => {
      await page.locator('.room table tbody button').first().click();
      await dialog(page);
    },
  },
  { name: 'decided', role: 'analyst', at: () => '/decided', until: 'main h1' },
  { name: 'reasons', role: 'administrator', at: () => '/reasons', until: '.reasons fieldset' },
  { name: 'measures', role: 'supervisor', at: () => '/measures', until: '.uplot' },
  { name: 'searches', role: 'searcher', at: () => '/searches', until: '.rows a' },
  { name: 'search', role: 'searcher', at: () => `/searches/${inSearch}`, until: 'form .button.main' },
  {
    name: 'search-in-part',
    role: 'searcher',
    at: () => `/searches/${searchedInPart}`,
    until: 'main .notice',
  },
  { name: 'holds', role: 'radiation-officer', at: () => '/radiation', until: '.rows a' },
  { name: 'vehicles', role: 'supervisor', at: () => '/vehicles', until: '.rows a' },
  {
    name: 'vehicle',
    role: 'supervisor',
    at: () => `/vehicles/${SITE}/container/${alarmed}`,
    until: '.timeline li',
  },
  { name: 'vehicle-unknown', role: 'administrator', at: () => `/vehicles/${SITE}/visit/V1`, until: '.find' },
  { name: 'proposals', role: 'supervisor', at: () => '/proposals', until: '.rows .button' },
  { name: 'hold', role: 'radiation-officer', at: () => `/radiation/${hold}`, until: '.profile svg' },
];

async function goTo({ role, at, until, open }: Shown): Promise<Page> {
  // axe and the text spacing are put into the page, which its policy does not allow
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, bypassCSP: true });
  const page = await context.newPage();
  const to = role === undefined ? `${address}${at()}` : signInAddress(address, role, at());
  await page.goto(to);
  await page.locator(until).first().waitFor();
  await open?.(page);
  return page;
}

story.runIf(chromium)('everyone can use', () => {
  test.each(shown.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const page = await goTo(one);
    await checkView(page, artefacts, one);
    if (one.isDialog !== true) {
      await page.evaluate(() => window.localStorage.setItem('nii-language', 'pseudo'));
      await page.reload();
      await page
        .locator(one.stays ?? one.until)
        .first()
        .waitFor();
      await checkMirrored(page, artefacts, one);
    }
    await page.context().close();
  });

  test('the first Tab stop skips the navigation, and the window is named after what it shows', async () => {
    const page = await goTo({ name: 'past', role: 'supervisor', at: () => '/room', until: '.room button' });
    expect(await page.title()).toBe('Shift overview · nii-hub');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
    await page.getByRole('link', { name: 'Searches' }).click();
    await expect.poll(() => page.title()).toBe('Searches · nii-hub');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    await page.context().close();
  });

  test('single keys can be turned off, and on again', async () => {
    const page = await goTo({ name: 'single', role: 'analyst', at: () => '/', until: '.bands' });
    const sheet = page.getByRole('dialog');
    const turn = async () => {
      await page.getByRole('button', { name: /^Keys/ }).click();
      await sheet.getByRole('checkbox', { name: /single-key shortcuts/ }).click();
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
    };
    await turn();
    await page.keyboard.press('?');
    await page.reload();
    await page.locator('.bands').waitFor();
    await page.keyboard.press('?');
    expect(await sheet.count()).toBe(0);
    await turn();
    await page.keyboard.press('?');
    await sheet.waitFor();
    await page.context().close();
  });
});
