import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasChromium } from '../../browser-support/chromium.ts';
import { ADMINISTRATION, type Harness } from '../../support/harness.ts';
import {
  artefacts,
  closeWorkstation,
  openWorkstation,
  signInAddress,
} from '../../support/page/workstation.ts';
import { story } from '../../support/vitest/story.ts';

/** The list of reasons, saved in a real browser by an administrator of all sites. */

const chromium = hasChromium();
let service: Harness;
let address: string;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  if (!chromium) return;
  ({ service, address, browser } = await openWorkstation({}, { site: '*' }));
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(signInAddress(address, 'administrator', '/reasons'));
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
});

const reasons = async () => (await service.as('analyst', { url: '/v1/reasons' })).json().items;
const group = (name: RegExp | string) => page.getByRole('group', { name });
const save = () => page.getByRole('button', { name: 'Save the list' }).click();

story.runIf(chromium)('an administrator of all sites', () => {
  test('adds a reason, retires one, gives one another name, and readers are offered just that', async () => {
    await group(/^shape/)
      .getByLabel('French')
      .fill('Contour');
    await group(/^density/)
      .getByLabel('Offered to readers')
      .uncheck();
    await page.getByRole('button', { name: 'Add a reason' }).click();
    const added = group('New reason');
    await added.getByLabel(/^Code/).fill('tyres');
    await added.getByLabel('English').fill('Tyres');
    await save();
    await page.getByText(/^Policy version 1, in force since /).waitFor();
    const found = await reasons();
    const of = (code: string) => found.find((one: { readonly code: string }) => one.code === code);
    expect(of('tyres')).toMatchObject({ state: 'active', isBuiltIn: false });
    expect(of('density')).toMatchObject({ state: 'retired' });
    expect(JSON.stringify(of('shape'))).toContain('Contour');
    await page.reload();
    await group(/^tyres/).waitFor();
    expect(
      await group(/^shape/)
        .getByLabel('French')
        .inputValue(),
    ).toBe('Contour');
    await page.screenshot({ path: join(artefacts, 'reasons-saved-1280.png'), fullPage: true });
    expect(complaints).toEqual([]);
  });

  test('whose list is older than what another saved meanwhile is told so, and takes nothing back', async () => {
    await group(/^tyres/)
      .getByLabel('English')
      .fill('Tires');
    const another = await service.newToken('administrator', ADMINISTRATION, '*');
    const read = await service.ask(another, { url: '/v1/policy' });
    const { terms } = read.json();
    const renamed = terms.reasons.map((one: { readonly code: string }) =>
      one.code === 'tyres' ? { ...one, labels: [{ language: 'en', text: 'Tyres and wheels' }] } : one,
    );
    const saved = await service.ask(another, {
      method: 'PUT',
      url: '/v1/policy',
      headers: { 'if-match': String(read.headers.etag) },
      payload: { ...terms, reasons: renamed },
    });
    expect(saved.statusCode, saved.body).toBe(200);
    await save();
    await page.getByRole('alert').waitFor();
    expect(JSON.stringify(await reasons())).toContain('Tyres and wheels');
    expect(complaints.splice(0)).toEqual([expect.stringContaining('412')]);
  });
});
