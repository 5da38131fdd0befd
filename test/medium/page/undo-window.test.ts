import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finalizeExpired } from '../../../src/commands/undo-window.ts';
import type { Case } from '../../../src/core/case/case.ts';
import { defaultPolicy } from '../../../src/triage/policy.ts';
import { hasChromium } from '../../browser-support/chromium.ts';
import type { Harness } from '../../support/harness.ts';
import { closeWorkstation, openWorkstation, signInAddress } from '../../support/page/workstation.ts';
import { sendSimulated } from '../../support/send-simulated.ts';
import { actor } from '../../support/stage.ts';

/** The verdict's safety in a real browser: what the lane will be told, second thoughts, and a person in danger. */

const chromium = hasChromium();

/** The clock of the service goes ahead where a test says so. */
let aheadMs = 0;
let service: Harness;
let address: string;
let browser: Browser;

beforeAll(async () => {
  if (!chromium) return;
  ({ service, address, browser } = await openWorkstation({
    clock: { now: () => new Date(Date.now() + aheadMs) },
    policy: { ...defaultPolicy, secondOpinionShare: 0, undoWindowSeconds: 60, separation: 'small-post' },
  }));
  for (let seed = 1; seed <= 5; seed++) await sendSimulated(service.deps, actor('scanner'), seed);
  await service.work();
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
});

async function signIn(role: 'analyst' | 'radiation-officer' | 'supervisor'): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(signInAddress(address, role));
  await page.locator('header.bar').waitFor();
  return page;
}

const stored = async (id: string): Promise<Case> =>
  (await service.as('auditor', { url: `/v1/cases/${id}` })).json();

describe.runIf(chromium)('a verdict at the workstation', () => {
  test('shows what the lane will be told, and comes back by one key with its draft', async () => {
    const page = await signIn('analyst');
    await page.getByRole('button', { name: /Next case/ }).waitFor();
    await page.keyboard.press('n');
    await page.waitForURL(/\/case\//);
    const id = page.url().split('/').at(-1) ?? '';
    await page.locator('canvas').waitFor();
    await page.keyboard.press('2');
    await page.locator('.outlook').getByText('hold, at once (Suspect)').waitFor();
    await page.keyboard.press('1');
    await page.locator('.outlook').getByText('proceed').waitFor();
    await page.getByLabel('Note').fill('pallets of tiles');
    await page.getByRole('button', { name: /Decide/ }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    expect(await stored(id)).toMatchObject({ state: 'decided', undoWindow: {} });
    await page.getByRole('button', { name: /Take the verdict back/ }).waitFor();
    await page.keyboard.press('z');
    await page.waitForURL((url) => url.pathname.endsWith(id));
    await expect.poll(() => page.getByLabel('Note').inputValue()).toBe('pallets of tiles');
    expect(await stored(id)).toMatchObject({ state: 'claimed', verdicts: [] });
    await page.getByText('The lane will get:').waitFor();

    const { scanId } = await stored(id);
    const instruction = async () =>
      (await service.as('lane', { url: `/v1/scans/${scanId}/lane-instruction` })).json().instruction;
    await page.getByRole('button', { name: /Decide/ }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    expect(await instruction()).toBe('hold');
    aheadMs += 61_000;
    await finalizeExpired(service.deps);
    expect(await instruction()).toBe('proceed');
    await page.context().close();
  });

  test('comes after the alarm for a person in danger, which an officer sees on every page', async () => {
    const officer = await signIn('radiation-officer');
    const supervisor = await signIn('supervisor');
    const page = await signIn('analyst');
    await page.getByRole('button', { name: /Next case/ }).waitFor();
    await page.keyboard.press('n');
    await page.waitForURL(/\/case\//);
    await page.getByRole('button', { name: /Person in danger/ }).waitFor();
    await page.keyboard.press('!');
    await page.getByRole('dialog').getByLabel('What do you see?').fill('two persons');
    await page.getByRole('dialog').getByRole('button', { name: 'Raise the alarm' }).click();
    await page.getByText('The alarm is raised').waitFor();
    const alarm = officer.getByRole('alert').filter({ hasText: 'two persons' });
    const alsoHere = supervisor.getByRole('alert').filter({ hasText: 'two persons' });
    await alsoHere.waitFor();
    for (const place of ['Shift overview', 'Searches', 'Radiation']) {
      await supervisor.getByRole('navigation').getByRole('link', { name: place }).click();
      expect(await alsoHere.isVisible(), place).toBe(true);
    }
    await alarm.getByRole('button', { name: 'I am handling it' }).click();
    await officer.getByRole('dialog').getByLabel('What action are you taking?').fill('the crew opens it');
    await officer.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await alarm.waitFor({ state: 'detached' });
    await alsoHere.waitFor({ state: 'detached' });
    const id = page.url().split('/').at(-1) ?? '';
    expect((await stored(id)).danger?.acknowledged).toMatchObject({ words: 'the crew opens it' });
    // the alarm moved the case in her hand twice, and she can still decide it
    await page.locator('canvas').waitFor();
    await page.keyboard.press('2');
    await page.getByRole('button', { name: /Decide/ }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    expect(await stored(id)).toMatchObject({ state: 'decided', verdicts: [{ kind: 'suspect' }] });
    for (const one of [page, officer, supervisor]) await one.context().close();
  });

  test('comes after the advice of a colleague, who observes and is shown at once', async () => {
    const room = await signIn('supervisor');
    await room.getByRole('navigation').getByRole('link', { name: 'Shift overview' }).click();
    const page = await signIn('analyst');
    await page.getByRole('button', { name: /Next case/ }).waitFor();
    await page.keyboard.press('n');
    await page.waitForURL(/\/case\//);
    const id = page.url().split('/').at(-1) ?? '';
    await page.getByRole('button', { name: 'Ask for advice' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('what is it?');
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();

    const asked = room.getByRole('region', { name: 'Colleagues who ask for advice' });
    await asked.getByText('what is it?').waitFor();
    await asked.getByRole('button', { name: 'Observe' }).click();
    await room.waitForURL((url) => url.pathname === `/case/${id}`);
    await room.locator('canvas').waitFor();
    expect(await room.getByRole('button', { name: /Decide/ }).count()).toBe(0);
    await page.getByText('is observing.').waitFor();
    // what she draws is on his screen as she draws it
    await page.locator('canvas').waitFor();
    for (const key of ['o', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('region', { name: 'Annotations' }).getByText('Point').waitFor();
    await room.getByRole('region', { name: 'Annotations' }).getByText('Point').waitFor();
    await room.getByLabel('What do you think?').fill('frozen fish');
    await room.getByRole('button', { name: 'Send' }).click();
    await page.getByText('frozen fish').waitFor();

    await page.keyboard.press('2');
    const reason = page.getByLabel('Reason');
    await expect.poll(() => reason.inputValue()).toBe('density');
    expect(await reason.locator('option', { hasText: 'Does not match the declaration' }).count()).toBe(1);
    await page.getByRole('button', { name: /Decide/ }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    await room.getByText('Your colleague has decided or handed back the case.').waitFor();
    // what holds the vehicle is not taken back: another reader looks at it
    expect(await page.getByRole('button', { name: /Take the verdict back/ }).count()).toBe(0);
    const decided = page.getByRole('region', { name: /the case is decided/ });
    await decided.getByRole('button', { name: 'Ask for another reading' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('not sure');
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await expect.poll(async () => (await stored(id)).state).toBe('queued');
    expect((await stored(id)).history.at(-1)).toMatchObject({
      kind: 'second-opinion-due',
      detail: { why: 'not sure' },
    });
    for (const one of [page, room]) await one.context().close();
  });
});
