import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Case } from '../../../src/core/case/case.ts';
import { openServiceHolds } from '../../../src/stored/service-holds.ts';
import { hasChromium } from '../../browser-support/chromium.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, SITE } from '../../support/harness.ts';
import { noteFigures } from '../../support/note-figures.ts';
import { countPresses, type JobEnds } from '../../support/page/presses.ts';
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

/** The days of those who do not read images first: supervisor, searcher and radiation officer, in a real browser. */

const chromium = hasChromium();

let service: Harness;
let address: string;
let browser: Browser;

beforeAll(async () => {
  if (!chromium) return;
  ({ service, address, browser } = await openWorkstation());
  for (let seed = 1; seed <= 10; seed++) await sendSimulated(service.deps, actor('scanner'), seed);
  await service.work();
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
  noteFigures('presses by job', Object.fromEntries(presses));
});

type Role = 'analyst' | 'supervisor' | 'searcher' | 'radiation-officer' | 'auditor' | 'administrator';

interface Desk {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of. */
  readonly complaints: string[];
  /** Ends a job, from where the page is that shows what is to be done. */
  readonly did: JobEnds;
}

/** The presses that each job takes. */
const presses = new Map<string, number>();

const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 800 };

async function signIn(role: Role, to = '/', viewport = desktop): Promise<Desk> {
  const context = await browser.newContext({ viewport, hasTouch: viewport === phone });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const did = await countPresses(page, presses);
  await page.goto(signInAddress(address, role, to));
  await page.locator('header.bar').waitFor();
  return { context, page, complaints, did };
}

async function post(role: Role, url: string, payload: object = {}): Promise<Case> {
  const answer = await service.as(role, { method: 'POST', url, payload });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

const stored = async (id: string): Promise<Case> =>
  (await service.as('auditor', { url: `/v1/cases/${id}` })).json();

/** A case of a container that a supervisor found suspect. */
async function suspected(): Promise<Case> {
  const dealt = await post('supervisor', '/v1/cases/next');
  const regions = await regionsOf(service, dealt);
  const verdict = { kind: 'suspect', reason: 'density', note: 'a block behind the door', regions };
  return post('supervisor', `/v1/cases/${dealt.id}/verdict`, verdict);
}

/** The same, sent to a search. */
async function inSearch(note: string): Promise<Case> {
  const { id } = await suspected();
  return post('supervisor', `/v1/cases/${id}/refer`, { note });
}

/** A photograph as a file input takes it. */
async function photograph(background: string) {
  const created = { width: 64, height: 48, channels: 3, background } as const;
  const buffer = await sharp({ create: created }).jpeg().toBuffer();
  return { name: `${background.slice(1)}.jpg`, mimeType: 'image/jpeg', buffer };
}

/** Nothing of a page lies beside the screen. */
const isCutOff = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);

describe.runIf(chromium)('the pages of a role', () => {
  test.each([
    [
      'supervisor',
      [
        'Queue',
        'My decisions',
        'Shift overview',
        'Expected vehicles',
        'Performance',
        'Searches',
        'Radiation',
        'Vehicles',
        'Second person',
      ],
    ],
    ['analyst', ['Queue', 'My decisions']],
    ['searcher', []],
    ['radiation-officer', ['Radiation', 'Vehicles', 'Second person']],
    ['administrator', ['Reasons', 'Vehicles', 'Second person']],
  ] as const)('of the role %s are those of its work alone', async (role, names) => {
    const { context, page, complaints } = await signIn(role);
    expect(await page.getByRole('navigation').getByRole('link').allInnerTexts()).toEqual(names);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('say so where an address is none of them, and where a role has none', async () => {
    const analyst = await signIn('analyst', '/room');
    await analyst.page.getByText('Your roles do not give you access to this page').waitFor();
    await analyst.page.getByRole('link', { name: 'Go to your start page' }).click();
    await analyst.page.getByRole('button', { name: /Next case/ }).waitFor();
    await analyst.context.close();
    const auditor = await signIn('auditor');
    await auditor.page.getByText('Your roles do not give you access to any page here').waitFor();
    await auditor.context.close();
  });

  test('are in the address: a reload and a step back show what they showed', async () => {
    const { context, page } = await signIn('supervisor');
    await page.getByRole('link', { name: 'Shift overview' }).click();
    expect(new URL(page.url()).pathname).toBe('/room');
    await page.reload();
    const here = page.locator('nav [aria-current=page]');
    expect(await here.textContent()).toBe('Shift overview');
    await page.goBack();
    await expect.poll(() => here.textContent()).toBe('Queue');
    await context.close();
  });
});

describe.runIf(chromium)('a supervisor in the room', () => {
  test('sees the load, takes a case back, settles a dispute, and judges conflicts and releases', async () => {
    const { id: held } = await post('analyst', '/v1/cases/next');
    const dealt = await post('supervisor', '/v1/cases/next');
    const { id: disputed } = dealt;
    const regions = await regionsOf(service, dealt);
    const reading = { kind: 'suspect', reason: 'shape', note: 'a step in the wall', regions };
    await post('supervisor', `/v1/cases/${disputed}/verdict`, reading);
    await post('supervisor', `/v1/cases/${disputed}/second-opinion`, { why: 'not sure' });
    const second = await service.newToken('supervisor', ADMINISTRATION, SITE);
    const other = async (url: string, payload: object) =>
      (await service.ask(second, { method: 'POST', url, payload })).json();
    await other(`/v1/cases/${disputed}/claim`, {});
    await other(`/v1/cases/${disputed}/verdict`, { kind: 'normal', reason: 'nothing-unusual' });
    expect((await stored(disputed)).state).toBe('disputed');
    await post('supervisor', `/v1/cases/${held}/customs-release`, { reference: 'R-7' });
    const words = { about: 'container', value: 'MSKU1234565', why: 'a cousin imports it' };
    await post('analyst', '/v1/conflicts', words);

    const { context, page, complaints, did } = await signIn('supervisor', '/room');
    const part = (name: string) => page.getByRole('region', { name });
    await part('Claimed cases').getByText('test analyst').first().waitFor();
    const waiting = part('Workload').getByRole('row', { name: /^Disputed/ });
    await expect.poll(() => waiting.getByRole('cell').allTextContents()).toContain('1');
    await page.screenshot({ path: join(artefacts, 'room-dark-1280.png'), fullPage: true });

    const inHand = part('Claimed cases').getByRole('row', { name: /^test analyst/ });
    await inHand.getByRole('button', { name: 'Return to queue' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('the shift is over');
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await expect.poll(async () => (await stored(held)).state).toBe('queued');
    expect((await stored(held)).history.at(-1)).toMatchObject({ detail: { why: 'the shift is over' } });
    await did('a supervisor takes a case back', 2);

    const releases = part('Released while a case, search or alarm was open');
    await releases.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('the vehicle was called back');
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await releases.getByText('None.').waitFor();
    await did('a supervisor reviews a vehicle that was released', 2);

    const conflicts = part('Conflicts of interest');
    await conflicts.getByText('a cousin imports it').waitFor();
    await conflicts.getByRole('button', { name: 'Put into force' }).click();
    await conflicts.getByText('in force', { exact: true }).waitFor();
    await did('a supervisor puts a conflict of interest into force', 1);
    await conflicts.getByRole('button', { name: 'End' }).click();
    await conflicts.getByText('None.').waitFor();
    await did('a supervisor ends a conflict of interest', 1);

    const dispute = part('Readers disagree');
    await dispute.getByText('a step in the wall').waitFor();
    await dispute.getByRole('button').first().click();
    await dispute.getByRole('img', { name: /Regions marked: 1/ }).waitFor();
    await dispute.locator('label').filter({ hasText: 'Suspect' }).click();
    await dispute.getByRole('button', { name: /Decide/ }).click();
    await dispute.getByText('None.').waitFor();
    await did('a supervisor settles a dispute', 3);
    await page.screenshot({ path: join(artefacts, 'room-dispute-1280.png'), fullPage: true });
    expect((await stored(disputed)).state).toBe('decided');
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe.runIf(chromium)('a supervisor to whom a search of a part comes', () => {
  test('accepts it with a reason, or sends the case to a further search with instructions', async () => {
    const part = { kind: 'nothing-found', method: 'opened', extent: 'part' };
    const enough = await inSearch('look at the rear');
    const tooLittle = await inSearch('look at all of it');
    for (const { id } of [enough, tooLittle]) await post('searcher', `/v1/cases/${id}/outcome`, part);
    const { context, page, complaints, did } = await signIn('supervisor', '/room');
    const waiting = page.getByRole('region', { name: 'Partly searched' });
    const row = ({ id, container }: Case) =>
      waiting.getByRole('listitem').filter({ hasText: container ?? id });
    const answer = async (one: Case, button: string, words: string) => {
      await row(one).getByText('Nothing found · Opened · A part').waitFor();
      await row(one).getByRole('button', { name: button }).click();
      await page.getByRole('dialog').getByRole('textbox').fill(words);
      await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
      await row(one).waitFor({ state: 'detached' });
    };
    await answer(enough, 'Accept', 'the rear was all that was in doubt');
    await did('a supervisor accepts a search of a part', 2);
    await answer(tooLittle, 'Search again', 'unload it');
    await did('a supervisor sends a case to a further search', 2);
    expect(await stored(enough.id)).toMatchObject({
      state: 'closed',
      acceptance: { why: 'the rear was all that was in doubt' },
    });
    expect((await stored(tooLittle.id)).state).toBe('search');
    expect((await stored(tooLittle.id)).history.at(-1)).toMatchObject({ detail: { note: 'unload it' } });
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe.runIf(chromium)('an analyst who decided suspect', () => {
  test('sends the case to a search from where the next case lies, and prints the order', async () => {
    const { context, page, complaints, did } = await signIn('analyst');
    await page.keyboard.press('n');
    await page.waitForURL(/\/case\//);
    const id = page.url().split('/').at(-1) ?? '';
    await page.locator('canvas').waitFor();
    await page.keyboard.press('2');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    await did('an analyst takes the next case, and decides suspect', 3);
    await page.getByRole('button', { name: 'Refer for search' }).click();
    await page.getByRole('dialog').getByLabel('Instructions').fill('open the rear doors');
    await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    const print = page.getByRole('link', { name: 'Print the order' });
    await print.waitFor();
    await did('an analyst refers a case for search', 2);
    const order = await page.request.get(`${address}${await print.getAttribute('href')}`);
    expect([order.status(), (await order.body()).subarray(0, 5).toString()]).toEqual([200, '%PDF-']);
    expect((await stored(id)).history.at(-1)).toMatchObject({
      kind: 'referred',
      detail: { note: 'open the rear doors' },
    });
    expect(complaints).toEqual([]);
    await context.close();
  });
});

describe.runIf(chromium)('an administrator', () => {
  test('changes the list of reasons, and is told in words why a key of one site cannot save it', async () => {
    const { context, page, complaints, did } = await signIn('administrator', '/reasons');
    const shape = page.getByRole('group', { name: /^shape/ });
    expect(await shape.getByLabel('French').inputValue()).toBe('Forme');
    await shape.getByLabel('French').fill('Contour');
    await shape.getByLabel('Offered to readers').uncheck();
    const other = page.getByRole('group', { name: /^other/ });
    expect(await other.getByLabel('Always offered').isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Add a reason' }).click();
    const added = page.getByRole('group', { name: 'New reason' });
    await added.getByLabel(/^Code/).fill('tyres');
    await added.getByLabel('English').fill('Tyres');
    await page.screenshot({ path: join(artefacts, 'reasons-1280.png'), fullPage: true });
    await page.getByRole('button', { name: 'Save the list' }).click();
    await did('an administrator changes one reason and adds another', 3);
    const rejected = page.getByRole('alert');
    await rejected.getByText('This key is not allowed to do this').waitFor();
    expect(await rejected.locator('[lang=en]').textContent()).toContain('The policy is for all sites');
    expect(complaints.splice(0)).toEqual([expect.stringContaining('403')]);
    await context.close();
  });
});

describe.runIf(chromium)('after a restore', () => {
  test('an administrator proposes on any page that the hold ends, and a supervisor confirms it there', async () => {
    await openServiceHolds(service.deps, { cause: 'recovery', reason: 'restored', signs: ['of a page'] });
    const first = await signIn('administrator', '/reasons');
    await first.page.getByText(/the service was restored/).waitFor();
    await first.page.getByRole('button', { name: 'End this hold' }).click();
    await first.page.getByRole('dialog').getByRole('textbox').fill('the portals sent everything again');
    await first.page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
    await first.page.getByText('A supervisor who did not propose it must confirm.').waitFor();
    await first.did('an administrator proposes that a hold of the service ends', 2);
    await first.page.screenshot({ path: join(artefacts, 'service-hold-proposed-1280.png') });
    const second = await signIn('supervisor');
    await second.page.getByText(/proposed to end it on .*: the portals sent everything again/).waitFor();
    await second.page.screenshot({ path: join(artefacts, 'service-hold-confirm-1280.png') });
    await second.page.getByRole('button', { name: 'Confirm: end this hold' }).click();
    for (const { page } of [first, second])
      await page.getByText(/the service was restored/).waitFor({ state: 'detached' });
    await second.did('a supervisor confirms that a hold of the service ends', 1);
    expect((await service.as('supervisor', { url: '/v1/service-holds' })).json()).toEqual({ items: [] });
    expect([...first.complaints, ...second.complaints]).toEqual([]);
    for (const { context } of [first, second]) await context.close();
  });
});

describe.runIf(chromium)('a searcher with a phone', () => {
  test('sees where to look and what for, is told what an outcome lacks, and records it', async () => {
    const { id } = await inSearch('bring the dog');
    const { context, page, complaints, did } = await signIn('searcher', '/', phone);
    await page.getByRole('link', { name: /bring the dog/ }).waitFor();
    await page.screenshot({ path: join(artefacts, 'searches-phone.png') });
    await page.getByRole('link', { name: /bring the dog/ }).tap();
    await page.waitForURL(`**/searches/${id}`);
    await page.getByText('a block behind the door').waitFor();
    await did('a searcher opens a search', 1);
    const picture = page.getByRole('img', { name: /Regions marked: 1/ });
    await expect
      .poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(100);
    const [mark, whole] = [await page.locator('.marked polygon').boundingBox(), await picture.boundingBox()];
    expect(mark?.width).toBeGreaterThan(5);
    expect((mark?.x ?? 0) >= (whole?.x ?? 0)).toBe(true);
    await page.getByText('Found', { exact: true }).tap();
    await page.getByRole('textbox', { name: 'What' }).fill('cartons of cigarettes');
    await page.getByRole('button', { name: 'Record' }).tap();
    await page.getByRole('alert').getByText('needs what and where').waitFor();
    expect(complaints.splice(0)).toHaveLength(1);
    await page.screenshot({ path: join(artefacts, 'search-rejected-phone.png'), fullPage: true });
    await did('a searcher states a find, and is told what it lacks', 2);
    await page.reload();
    expect(await page.getByRole('textbox', { name: 'What' }).inputValue()).toBe('cartons of cigarettes');
    await page.getByLabel('Where').fill('behind the third pallet');
    await page.getByLabel('Method').selectOption({ label: 'Partly unloaded' });
    const photographs = page.getByRole('region', { name: 'Photographs' });
    const files = await Promise.all(['#532', '#253'].map(photograph));
    await photographs
      .getByLabel('Choose photographs')
      .setInputFiles([
        ...files,
        { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') },
      ]);
    await photographs.getByText(/notes.jpg was not sent/).waitFor();
    expect(complaints.splice(0)).toEqual([expect.stringContaining('415')]);
    expect(await page.getByRole('button', { name: 'Record' }).isDisabled()).toBe(true);
    await did('a searcher completes a find, and adds photographs', 1);
    await photographs.getByRole('button', { name: 'Discard' }).tap();
    await photographs.getByRole('button', { name: /^Photograph 2 of 2/ }).tap();
    const large = page.getByRole('dialog').getByRole('img', { name: /^Photograph 2 of 2/ });
    await expect.poll(() => large.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(64);
    await page.screenshot({ path: join(artefacts, 'photograph-large-phone.png') });
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).tap();
    await photographs.getByRole('button', { name: 'Remove photograph 1' }).tap();
    await photographs.getByRole('button', { name: /^Photograph 1 of 1/ }).waitFor();
    await did('a searcher discards what was not sent, looks at a photograph, and removes another', 4);
    await page.screenshot({ path: join(artefacts, 'photographs-phone.png'), fullPage: true });
    await page.getByRole('button', { name: 'Record' }).tap();
    await page.getByText('The search is complete').waitFor();
    await did('a searcher records the outcome', 1);
    const recorded = await stored(id);
    expect(recorded).toMatchObject({
      state: 'closed',
      outcome: { kind: 'found', where: 'behind the third pallet', method: 'partly-unloaded' },
    });
    expect(recorded.outcome?.photographs).toHaveLength(1);
    await photographs.getByRole('button', { name: /^Photograph 1 of 1/ }).waitFor();
    expect(await isCutOff(page)).toBe(false);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('is told where the case moved on meanwhile, and what became of it', async () => {
    const { id } = await inSearch('look twice');
    const { context, page } = await signIn('searcher', `/searches/${id}`, phone);
    await page.getByRole('button', { name: 'Record' }).waitFor();
    const smallest = await page
      .locator('main')
      .locator('button, select, a, [data-rac].kind')
      .evaluateAll((targets) => Math.min(...targets.map((target) => target.getBoundingClientRect().height)));
    expect(smallest).toBeGreaterThanOrEqual(43);
    await post('searcher', `/v1/cases/${id}/outcome`, {
      kind: 'nothing-found',
      method: 'opened',
      extent: 'part',
    });
    await page.getByText('Not searched', { exact: true }).tap();
    await page.getByRole('button', { name: 'Record' }).tap();
    await page.getByText('Only part was searched').waitFor();
    expect((await stored(id)).outcome?.kind).toBe('nothing-found');
    await context.close();
  });
});

/** A vehicle that a gamma alarm holds, with its scan. @returns the id of the hold */
async function held(at: string): Promise<string> {
  const headers = { 'content-type': 'application/octet-stream' };
  const scan = fakeScan({ seed: 77, containers: 'MSKU1234565', acquired: at });
  await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans?name=77.fake&visit=V-77',
    payload: scan,
    headers,
  });
  await service.work();
  const dangerousGoods = [{ unNumber: '2915', nuclides: ['Cs-137'] }];
  await service.as('lane', {
    method: 'PUT',
    url: '/v1/declarations/LIC-4711',
    payload: { containers: ['MSKU1234565'], dangerousGoods },
  });
  const sent = await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans?name=gate.csv&visit=V-77',
    payload: portalLines([{ from: at, number: 7, alarm: 'gamma' }]),
    headers,
  });
  expect(sent.statusCode, sent.body).toBe(202);
  await service.work();
  const { items } = (await service.as('radiation-officer', { url: '/v1/holds' })).json();
  return items[0].id;
}

describe.runIf(chromium)('a radiation officer', () => {
  test('sees what the portal counted beside the scan, is told what a decision lacks, and adjudicates', async () => {
    const id = await held('2026-03-04T05:00:00Z');
    const { context, page, complaints, did } = await signIn('radiation-officer');
    await page.getByRole('link', { name: /Gamma alarm/ }).click();
    await page.waitForURL(`**/radiation/${id}`);
    const plot = page.getByRole('img', {
      name: /Gamma \(samples: 2\): maximum 1260 counts, background 1006/,
    });
    await plot.waitFor();
    await did('a radiation officer opens an alarm', 1);
    const points = (await plot.locator('polyline').getAttribute('points')) ?? '';
    expect(points.split(' '), 'two steps').toHaveLength(4);
    expect(points.endsWith(',0'), 'the highest sample is at the top').toBe(true);
    const picture = page.getByRole('img', { name: /Preview of the scan/ });
    await expect
      .poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0);
    await page
      .getByRole('combobox', { name: 'Decision on the alarm' })
      .selectOption({ label: 'Innocent: explained' });
    await page.getByLabel('Explanation').selectOption({ label: 'Declared source' });
    await page.getByRole('button', { name: 'Record' }).click();
    await page.getByRole('alert').getByText('needs a declaration').waitFor();
    expect(complaints.splice(0)).toHaveLength(1);
    await did('a radiation officer explains an alarm, and is told what the decision lacks', 3);
    await page.screenshot({ path: join(artefacts, 'hold-dark-1280.png') });
    await page.getByRole('button', { name: 'Light' }).click();
    await did('anybody changes the theme', 1);
    await page.screenshot({ path: join(artefacts, 'hold-light-1280.png') });
    const reference = page.getByLabel('Source declaration');
    const offered = page.locator(`datalist[id="${await reference.getAttribute('list')}"] option`);
    expect(await offered.evaluateAll((all) => all.map((one) => one.getAttribute('value')))).toEqual([
      'LIC-4711',
    ]);
    await reference.fill('LIC-4711');
    await page.getByLabel('Identified by').selectOption({ index: 1 });
    await page.getByLabel('Nuclides').fill('Cs-137');
    await page.getByRole('button', { name: 'Record' }).click();
    await page.getByText('Innocent alarm; the vehicle may proceed').waitFor();
    await did('a radiation officer completes the decision', 2);
    const hold = (await service.as('auditor', { url: `/v1/holds/${id}` })).json();
    expect(hold.adjudication.given).toMatchObject({ basis: 'declared-source', reference: 'LIC-4711' });
    await context.close();
    const supervisor = await signIn('supervisor', `/radiation/${id}`);
    await supervisor.page.getByRole('region', { name: 'The alarm' }).waitFor();
    expect(await supervisor.page.getByRole('button', { name: 'Record' }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await supervisor.context.close();
  });
});
