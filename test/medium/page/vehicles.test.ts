import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withCheckDigit } from '../../../src/core/check-digits.ts';
import { hasChromium } from '../../browser-support/chromium.ts';
import { ADMINISTRATION, type Harness, SITE } from '../../support/harness.ts';
import { noteFigures } from '../../support/note-figures.ts';
import { countPresses, type JobEnds } from '../../support/page/presses.ts';
import {
  artefacts,
  closeWorkstation,
  openWorkstation,
  signInAddress,
} from '../../support/page/workstation.ts';

/** One vehicle, and what takes two persons, in a real browser; and how much a person presses for it. */

const chromium = hasChromium();

let service: Harness;
let address: string;
let browser: Browser;
let number = 0;

beforeAll(async () => {
  if (!chromium) return;
  ({ service, address, browser } = await openWorkstation());
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
  noteFigures('presses by job', Object.fromEntries(presses));
});

type Role = 'supervisor' | 'administrator' | 'radiation-officer';

interface Desk {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
  /** Ends a job, from the page by which the person begins. */
  readonly did: JobEnds;
}

/** The presses that each job takes. */
const presses = new Map<string, number>();

/** The page by which a person of the role begins. */
async function signIn(role: Role, to = '/'): Promise<Desk> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  const did = await countPresses(page, presses);
  await page.goto(signInAddress(address, role, to));
  await page.locator('header.bar').waitFor();
  return { context, page, complaints, did };
}

const goTo = (page: Page, name: string) =>
  page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
const picture = (page: Page, name: string) =>
  page.screenshot({ path: join(artefacts, `${name}-1280.png`), fullPage: true });

interface Vehicle {
  readonly box: string;
  readonly scanId: string;
  readonly caseId: string;
}

/** A scanned vehicle with a number of its own. */
async function scanned(): Promise<Vehicle> {
  number += 1;
  const box = withCheckDigit(`MSKU77000${number}`);
  const scanId = await service.sendFake({ seed: 700 + number, containers: box });
  await service.work();
  const [value] = await service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
  return { box, scanId, caseId: value?.id ?? '' };
}

async function post(by: string, url: string, payload: object = {}): Promise<void> {
  const answer = await service.ask(by, { method: 'POST', url, payload });
  expect(answer.statusCode, answer.body).toBe(200);
}

const newKey = (role: Role) => service.newToken(role, ADMINISTRATION, SITE);

async function told({ scanId }: Vehicle): Promise<string> {
  return (await service.as('lane', { url: `/v1/scans/${scanId}/lane-instruction` })).json().instruction;
}

async function decided(kind: string): Promise<Vehicle> {
  const vehicle = await scanned();
  const reader = await newKey('supervisor');
  await post(reader, `/v1/cases/${vehicle.caseId}/claim`);
  await post(reader, `/v1/cases/${vehicle.caseId}/verdict`, { kind, reason: 'other' });
  return vehicle;
}

/** Somebody else has read it, ordered its search and found something. */
async function found(): Promise<Vehicle> {
  const vehicle = await decided('suspect');
  const home = `/v1/cases/${vehicle.caseId}`;
  await post(await newKey('supervisor'), `${home}/refer`, { note: 'open the rear doors' });
  const outcome = { kind: 'found', what: '40 cartons of cigarettes', where: 'behind the front wall' };
  await post(await newKey('supervisor'), `${home}/outcome`, outcome);
  return vehicle;
}

describe.runIf(chromium)('a supervisor', () => {
  test('proposes a corrected container number, and a second person confirms it', async () => {
    const { box, scanId } = await decided('normal');
    number += 1;
    const real = withCheckDigit(`MSKU77000${number}`);
    const vehicle = `/vehicles/${SITE}/container/${box}`;
    const { context, page, complaints, did } = await signIn('supervisor', vehicle);
    await page.getByRole('button', { name: 'Correct the numbers' }).click();
    const form = page.getByRole('form', { name: 'Correct the numbers' });
    const numbers = form.getByLabel('Container numbers, separated by commas');
    expect(await numbers.inputValue()).toBe(box);
    await numbers.fill(real);
    await form.getByLabel('How you know').fill('read off the container');
    await picture(page, 'vehicle-correct');
    await form.getByRole('button', { name: 'Send the correction' }).click();
    await page.getByText('A second person must confirm the correction').waitFor();
    await did('a supervisor proposes a corrected container number', 2);
    await picture(page, 'vehicle-correct-sent');
    await context.close();

    const second = await signIn('administrator');
    await goTo(second.page, 'Second person');
    const proposal = second.page.getByRole('region', { name: `Numbers of scan ${scanId} at ${SITE}` });
    await proposal.getByText(box).waitFor();
    await proposal.getByText(real).waitFor();
    await picture(second.page, 'proposal-of-numbers');
    await proposal.getByRole('button', { name: 'Confirm' }).click();
    await proposal.waitFor({ state: 'detached' });
    await second.did('another person confirms a corrected number', 2);
    await service.work();
    const scan = await service.as('supervisor', { url: `/v1/scans/${scanId}/marks` });
    expect(scan.json().counting).toEqual([{ kind: 'container', value: real }]);
    expect([complaints, second.complaints]).toEqual([[], []]);
    await second.context.close();
  });

  test('finds a container, holds it by hand, and proposes to let it go; a second person confirms', async () => {
    const vehicle = await decided('normal');
    const before = await told(vehicle);
    const { context, page, complaints, did } = await signIn('supervisor');
    await goTo(page, 'Vehicles');
    await page.getByText('No vehicle is held by hand at this site.').waitFor();
    await picture(page, 'vehicles-none');
    await page.keyboard.type(vehicle.box.toLowerCase());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: `Container ${vehicle.box}` }).waitFor();
    const happened = page.getByRole('region', { name: 'What happened' });
    await happened.getByText('Scan received').waitFor();
    await happened.getByText('Image read').waitFor();
    await picture(page, 'vehicle-free');
    await page.getByLabel('Why should it be held?').fill('the neighbour asks for it');
    await page.getByRole('button', { name: 'Hold this vehicle' }).click();
    await page.getByText(/^Held since .* by .*: the neighbour asks for it$/).waitFor();
    await page
      .getByRole('region', { name: 'Current instruction' })
      .getByText('a person holds the vehicle by hand')
      .waitFor();
    await did('a supervisor finds a vehicle, and holds it by hand', 2);
    expect([before, await told(vehicle)]).toEqual(['proceed', 'hold']);
    await picture(page, 'vehicle-held');

    await goTo(page, 'Vehicles');
    await page.getByRole('link', { name: vehicle.box }).click();
    await page.getByRole('button', { name: 'Let go' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('the neighbour has looked');
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await page.getByText('Another person must confirm the proposal').waitFor();
    await did('a supervisor proposes to let a held vehicle go', 4);
    expect(await told(vehicle)).toBe('hold');
    await goTo(page, 'Second person');
    const own = page.getByRole('region', { name: `Vehicle ${vehicle.box}` });
    await own.getByText('You cannot confirm this').waitFor();
    expect(await own.getByRole('button').count()).toBe(0);
    expect(complaints).toEqual([]);
    await context.close();

    const second = await signIn('radiation-officer');
    await goTo(second.page, 'Second person');
    const proposal = second.page.getByRole('region', { name: `Vehicle ${vehicle.box}` });
    await proposal.getByText('held: yes → no').waitFor();
    await picture(second.page, 'proposals-vehicle');
    await proposal.getByRole('button', { name: 'Confirm' }).click();
    await second.page.getByText('No proposals are waiting for people with your roles.').waitFor();
    await second.did('a second person confirms that a vehicle is let go', 2);
    await service.work();
    expect(await told(vehicle)).toBe('proceed');
    expect(second.complaints).toEqual([]);
    await second.context.close();
  });

  test('releases a vehicle after the find of another', async () => {
    const vehicle = await found();
    expect(await told(vehicle)).toBe('hold');
    const { context, page, complaints, did } = await signIn('supervisor');
    await goTo(page, 'Shift overview');
    const finds = page.getByRole('region', { name: 'Vehicles on hold after a find' });
    await finds.getByText('40 cartons of cigarettes').waitFor();
    await picture(page, 'room-find');
    await finds.getByRole('button', { name: 'Release after a find' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('seized; receipt 4711');
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await finds.getByText('None.').waitFor();
    await did('a supervisor releases a vehicle after a find', 3);
    expect(await told(vehicle)).toBe('proceed');
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('orders a search from the page of the vehicle, and later reopens its case there', async () => {
    const vehicle = await decided('normal');
    const { context, page, complaints, did } = await signIn(
      'supervisor',
      `/vehicles/${SITE}/container/${vehicle.box}`,
    );
    const cases = page.getByRole('region', { name: 'Cases' });
    await cases.getByRole('button', { name: 'Order a search' }).click();
    await page.getByRole('dialog').getByLabel('Instructions').fill('the floor');
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await cases.getByText('Being searched').waitFor();
    await page.getByRole('region', { name: 'What happened' }).getByText('the floor').waitFor();
    await did('a supervisor orders a search of a vehicle', 2);
    const outcome = { kind: 'nothing-found', method: 'unloaded', extent: 'full' };
    await post(await newKey('supervisor'), `/v1/cases/${vehicle.caseId}/outcome`, outcome);
    await cases.getByRole('button', { name: 'Reopen the case' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('a recall of customs');
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await cases.getByText('Waiting').waitFor();
    await did('a supervisor reopens the case of a vehicle', 2);
    expect(await told(vehicle)).toBe('hold');
    await picture(page, 'vehicle-reopened');
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe.runIf(chromium)('an administrator', () => {
  test('confirms the rules of a site that another proposed, and reads before what they change', async () => {
    const author = await newKey('administrator');
    const url = `/v1/sites/${SITE}`;
    const { etag } = (await service.ask(author, { url })).headers;
    const headers = { 'if-match': String(etag) };
    const payload = { mode: 'live', windows: [], zone: 'Europe/Amsterdam' };
    const proposed = await service.ask(author, { method: 'PUT', url, payload, headers });
    expect(proposed.statusCode, proposed.body).toBe(202);
    const { context, page, complaints, did } = await signIn('administrator');
    await goTo(page, 'Second person');
    const proposal = page.getByRole('region', { name: `Rules for site ${SITE}` });
    await proposal.getByText('zone: not set → Europe/Amsterdam').waitFor();
    await picture(page, 'proposals-site');
    await proposal.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('No proposals are waiting').waitFor();
    await did('an administrator confirms the rules of a site', 2);
    expect((await service.ask(author, { url })).json().terms.zone).toBe('Europe/Amsterdam');
    expect(complaints).toEqual([]);
    await context.close();
  });
});
