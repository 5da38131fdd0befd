import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Hold } from '../../../src/core/radiation/hold.ts';
import { hasChromium } from '../../browser-support/chromium.ts';
import { ADMINISTRATION, type Harness, SITE } from '../../support/harness.ts';
import {
  artefacts,
  closeWorkstation,
  openWorkstation,
  signInAddress,
} from '../../support/page/workstation.ts';
import { portalLines } from '../../support/vendors/portal.ts';

/** An alarm that names no vehicle, in a real browser: an officer says of which it is, and its page tells it. */

const chromium = hasChromium();
const box = 'MSKU1234565';
const at = '2026-03-04T05:00:00Z';

let service: Harness;
let address: string;
let browser: Browser;

beforeAll(async () => {
  if (!chromium) return;
  ({ service, address, browser } = await openWorkstation());
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
});

async function alarm(): Promise<string> {
  await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans?name=gate.csv',
    payload: portalLines([{ from: at, number: 7, alarm: 'gamma' }]),
    headers: { 'content-type': 'application/octet-stream' },
  });
  await service.work();
  return (await service.as('radiation-officer', { url: '/v1/holds' })).json().items[0].id;
}

const joinOf = async (id: string): Promise<Hold['join']> =>
  (await service.as('radiation-officer', { url: `/v1/holds/${id}` })).json().join;

async function passed(): Promise<void> {
  const report = { id: 'p-1', at: new Date().toISOString(), lane: 'exit 2', containers: [box] };
  const answer = await service.as('lane', {
    method: 'POST',
    url: '/v1/passages',
    payload: { site: SITE, passages: [report] },
  });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
}

test.runIf(chromium)(
  'an officer joins an alarm to the scan of a container and separates it; the page of the vehicle tells alarm and passage',
  async () => {
    const id = await alarm();
    const scanId = await service.sendFake({ seed: 78, containers: box });
    await passed();
    const second = await service.newToken('radiation-officer', ADMINISTRATION, SITE);
    const asked = { scanId, why: 'the driver was asked' };
    await service.ask(second, { method: 'POST', url: `/v1/holds/${id}/join`, payload: asked });
    expect(await joinOf(id), 'one officer alone').toMatchObject({ kind: 'none' });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(signInAddress(address, 'radiation-officer', `/radiation/${id}`));
    const vehicle = page.getByRole('region', { name: 'Vehicle with this alarm' });
    const say = async (why: string) => {
      await page.getByRole('dialog').getByLabel('How do you know?').fill(why);
      await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    };
    await vehicle.getByText('the driver was asked').waitFor();
    await vehicle.getByLabel('Container, plate or visit of the vehicle').fill('NONE 000000 0');
    await page.keyboard.press('Enter');
    await vehicle.getByText('No scan has this container number.').waitFor();
    await vehicle.getByLabel('Container, plate or visit of the vehicle').fill('msku 123456-5');
    await page.keyboard.press('Enter');
    const join = vehicle.getByRole('button', { name: 'Join the alarm to this scan' });
    // as proposed, and as found
    await expect.poll(() => join.count()).toBe(2);
    await page.screenshot({ path: path.join(artefacts, 'vehicle-of-alarm-1280.png'), fullPage: true });
    await join.first().click();
    await say('the camera shows it');
    await vehicle.getByRole('button', { name: 'Separate the alarm from this scan' }).waitFor();
    expect(await joinOf(id)).toMatchObject({ kind: 'joined', scanId, by: 'hand' });

    await page.goto(`${address}/vehicles/${SITE}/container/${box}`);
    const told = page.getByRole('region', { name: 'Current instruction' });
    await told.getByText('a radiation alarm is waiting for an officer').waitFor();
    const happened = page.getByRole('region', { name: 'What happened' });
    for (const said of ['Radiation alarm', 'Alarm joined to its vehicle', 'Passed the lane'])
      await happened.getByText(said, { exact: true }).waitFor();
    await happened.getByText('the camera shows it').waitFor();
    // nobody who only adjudicates alarms reads what was said of the image
    expect(await happened.getByText('Case opened').count()).toBe(0);
    await page.screenshot({ path: path.join(artefacts, 'vehicle-alarm-1280.png'), fullPage: true });
    await happened.getByRole('link', { name: 'Show the alarm' }).click();

    await vehicle.getByRole('button', { name: 'Separate the alarm from this scan' }).click();
    await say('another truck stood between');
    await vehicle.getByText('An officer proposed this').waitFor();
    const unjoin = { method: 'POST', url: `/v1/holds/${id}/unjoin`, payload: { why: 'so do I' } } as const;
    expect((await service.ask(second, unjoin)).statusCode).toBe(200);
    expect(await joinOf(id)).toMatchObject({ kind: 'none' });
    await page.reload();

    await vehicle.getByLabel('Container, plate or visit of the vehicle').fill('msku 123456-5');
    await vehicle.getByRole('button', { name: `Join the alarm to Container ${box}` }).click();
    await say('read off the truck');
    await vehicle.getByText('An officer proposed this').waitFor();
    await page.screenshot({ path: path.join(artefacts, 'mark-of-alarm-1280.png'), fullPage: true });
    const payload = { vehicle: { kind: 'container', value: box }, why: 'so do I' };
    await service.ask(second, { method: 'POST', url: `/v1/holds/${id}/join`, payload });
    expect(await joinOf(id)).toEqual({ kind: 'vehicle', mark: { kind: 'container', value: box } });
    await page.reload();
    await page.getByText(`An officer stated which vehicle it is: Container ${box}.`).waitFor();
    await context.close();
  },
);
