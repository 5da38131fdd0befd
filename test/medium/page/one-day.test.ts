import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openOidcProvider } from '../../../src/adapters/oidc-provider.ts';
import type { Annotation } from '../../../src/core/case/annotation.ts';
import type { Case } from '../../../src/core/case/case.ts';
import type { AuditRow } from '../../../src/core/ports/records/audit.ts';
import { readGroups } from '../../../src/core/sign-in/groups.ts';
import { builtPage } from '../../../src/http/pages/workstation.ts';
import { closePages, hasChromium, sharedChromium } from '../../browser-support/chromium.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../support/harness.ts';
import { client, type OidcServer, startOidcServer } from '../../support/http/oidc-server.ts';
import { choose, pressOn, reach, tabTo, typeInto } from '../../support/page/by-keys.ts';
import { freePort } from '../../support/running-service.ts';
import { sendSimulated } from '../../support/send-simulated.ts';
import { actor } from '../../support/stage.ts';
import { portalLines } from '../../support/vendors/portal.ts';
import { story } from '../../support/vitest/story.ts';

/** One day of four people, from the sign-in to the outcome, by the keyboard alone, and what the audit says of it. */

const chromium = hasChromium();
const artefacts = join(fileURLToPath(new URL('../../../.cache/page', import.meta.url)));
const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

const people = {
  ann: { name: 'Ann Analyst', role: 'analyst', viewport: desktop },
  sam: { name: 'Sam Supervisor', role: 'supervisor', viewport: desktop },
  sue: { name: 'Sue Searcher', role: 'searcher', viewport: phone },
  rod: { name: 'Rod Officer', role: 'radiation-officer', viewport: desktop },
} as const;
type Login = keyof typeof people;

let service: Harness;
let idp: OidcServer;
let browser: Browser;
let publicUrl: string;
/** By login: who the service says each is. */
const persons = new Map<Login, string>();
/** What browsers complained of. */
const complaints: string[] = [];

beforeAll(async () => {
  if (!chromium) return;
  mkdirSync(artefacts, { recursive: true });
  const port = await freePort();
  publicUrl = `http://127.0.0.1:${port}`;
  idp = await startOidcServer(publicUrl);
  for (const [login, { name, role }] of Object.entries(people))
    idp.accounts.set(login, { name, groups: [role] });
  const pageFolder = builtPage();
  if (pageFolder === undefined) throw new Error('the page is not built: npm run build');
  const groups = Object.values(people).map(({ role }) => [
    role,
    { roles: [role], administration: ADMINISTRATION, site: SITE },
  ]);
  service = await openHarness({
    pageFolder,
    deps: {
      publicUrl,
      sessions: { source: 'a test', idleMinutes: 15, hours: 12 },
      signIn: {
        provider: openOidcProvider({
          issuer: idp.issuer,
          ...client,
          scopes: 'openid profile',
          groupsClaim: 'groups',
        }),
        cookieSecret: 'a secret of this installation',
        groups: readGroups(JSON.stringify(Object.fromEntries(groups))),
      },
    },
  });
  await service.app.listen({ host: '127.0.0.1', port });
  for (const seed of [1, 2, 3]) await sendSimulated(service.deps, actor('scanner'), seed);
  await service.work();
  browser = await sharedChromium();
});

afterAll(async () => {
  await closePages(browser);
  await service?.close();
  await idp?.stop();
  if (chromium) expect(service.wrongAnswers).toEqual([]);
});

const stored = async (id: string): Promise<Case> =>
  (await service.as('auditor', { url: `/v1/cases/${id}` })).json();

/** Fills in the forms of the provider. */
async function atProvider(page: Page, login: Login): Promise<void> {
  await page.waitForURL((url) => url.origin === idp.issuer);
  await reach(page, page.locator('input[name=login]'));
  await page.keyboard.type(login);
  await page.keyboard.press('Tab');
  await page.keyboard.type('any');
  await page.keyboard.press('Enter');
  // the provider asks whether the service may know her
  await page.getByText('Authorize').or(page.locator('header.bar, main.centre')).first().waitFor();
  if (page.url().startsWith(idp.issuer)) {
    await reach(page, page.locator('button[type=submit], input[type=submit]'));
    await page.keyboard.press('Enter');
  }
}

/** An administrator says who she is, which only the first sign-in of a person waits for. */
async function confirm(login: Login): Promise<void> {
  const { name } = people[login];
  const { items } = (await service.as('administrator', { url: '/v1/persons?limit=200' })).json();
  const found = items.find((one: { readonly name: string }) => one.name === name);
  const linked = await service.as('administrator', {
    method: 'PUT',
    url: `/v1/persons/${found.id}`,
    payload: { name },
    headers: { 'if-match': `"${found.version}"` },
  });
  expect(linked.statusCode, linked.body).toBe(200);
  persons.set(login, found.id);
}

async function signIn(login: Login): Promise<Page> {
  const page = await (await browser.newContext({ viewport: people[login].viewport })).newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(publicUrl);
  await pressOn(page, page.getByRole('link', { name: 'Sign in' }));
  await atProvider(page, login);
  await page.getByText('An administrator must confirm your identity').waitFor();
  await confirm(login);
  await pressOn(page, page.getByRole('button', { name: 'Try again' }));
  await page.locator('header.bar').waitFor();
  return page;
}

/** What a screen reader is given, kept to be read. */
async function keepTree(page: Page, name: string): Promise<void> {
  writeFileSync(join(artefacts, `day-${name}.txt`), `${await page.locator('body').ariaSnapshot()}\n`);
}

async function whole(page: Page): Promise<string> {
  await page.waitForURL(/\/case\//);
  await page.locator('canvas').waitFor();
  await page.locator('.over').waitFor({ state: 'detached' });
  return page.url().split('/').at(-1) ?? '';
}

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** What a person did of one thing, oldest first. */
async function audited(login: Login, subject?: string): Promise<readonly string[]> {
  const rows: AuditRow[] = [];
  let cursor: string | undefined;
  for (let asked = 0; asked < 20; asked++) {
    const more = cursor === undefined ? '' : `&cursor=${cursor}`;
    const { items, next } = (await service.as('auditor', { url: `/v1/audit?limit=200${more}` })).json();
    rows.push(...items);
    cursor = next;
    if (cursor === undefined) break;
  }
  return rows
    .filter((row) => row.actor.person === persons.get(login))
    .filter((row) => subject === undefined || row.subject.includes(subject))
    .map(({ action }) => action);
}

let suspect: string;
let after: string;

story.runIf(chromium)('a day by the keyboard alone', () => {
  test('the analyst signs in, looks, measures, marks, decides suspect, sends it to a search, and reads the next', async () => {
    const page = await signIn('ann');
    await page.getByRole('button', { name: /Next case/ }).waitFor();
    await keepTree(page, 'analyst-home');
    await press(page, 'n');
    suspect = await whole(page);
    await keepTree(page, 'analyst-case');
    const window = page.getByText(/^Window /);
    const plain = await window.textContent();
    await press(page, 's', 's', 'a');
    await expect.poll(() => window.textContent()).not.toBe(plain);
    await press(page, 'k', 'ArrowLeft', 'Enter', 'ArrowRight', 'ArrowRight', 'Enter');
    await page
      .getByText(/mm|samples; not calibrated/)
      .first()
      .waitFor();
    await press(page, 'm', 'ArrowLeft', 'ArrowUp', 'Enter', 'ArrowRight', 'ArrowRight', 'ArrowDown', 'Enter');
    const list = page.getByRole('region', { name: 'Annotations' });
    await list.getByText('Saved', { exact: true }).waitFor();
    await typeInto(page, list.getByRole('textbox').first(), 'dense block');
    await press(page, 'Enter');
    await expect
      .poll(async () => {
        const url = `/v1/cases/${suspect}/annotations`;
        const { items } = (await service.as('auditor', { url })).json();
        return items.map(({ shape, text }: Annotation) => [shape, text]);
      })
      .toEqual([['box', 'dense block']]);
    await press(page, '2');
    await typeInto(page, page.getByRole('textbox', { name: 'Note' }), 'behind the door');
    await keepTree(page, 'analyst-verdict');
    await pressOn(page, page.getByRole('button', { name: /^Decide/ }));
    await page.waitForURL((url) => !url.pathname.endsWith(suspect));
    after = await whole(page);
    await pressOn(page, page.getByRole('button', { name: 'Refer for search' }));
    await typeInto(page, page.getByRole('dialog').getByLabel('Instructions'), 'open the rear doors');
    await pressOn(page, page.getByRole('dialog').getByRole('button', { name: 'Send' }));
    await tabTo(page, page.getByRole('link', { name: 'Print the order' }));
    expect(await stored(suspect)).toMatchObject({
      state: 'search',
      verdicts: [{ kind: 'suspect', note: 'behind the door', regions: [{ text: 'dense block' }] }],
    });
    expect((await stored(after)).state).toBe('claimed');
    await page.context().close();
  });

  test('the supervisor sees the room, takes a case back with a reason, and reads the measures', async () => {
    const page = await signIn('sam');
    await pressOn(page, page.getByRole('link', { name: 'Shift overview' }));
    const inHand = page.getByRole('region', { name: 'Claimed cases' });
    await inHand.getByText('Ann Analyst').waitFor();
    await keepTree(page, 'supervisor-room');
    await pressOn(page, inHand.getByRole('button', { name: 'Return to queue' }));
    await typeInto(page, page.getByRole('dialog').getByLabel('Reason'), 'the shift is over');
    await keepTree(page, 'supervisor-dialog');
    await pressOn(page, page.getByRole('dialog').getByRole('button', { name: 'Send' }));
    await expect.poll(async () => (await stored(after)).state).toBe('queued');
    await pressOn(page, page.getByRole('link', { name: 'Performance' }));
    await page.getByRole('region', { name: 'Scans and decisions per hour' }).waitFor();
    await keepTree(page, 'supervisor-measures');
    await page.context().close();
  });

  test('the searcher reads the order on a phone, and says what was found', async () => {
    const page = await signIn('sue');
    await pressOn(page, page.getByRole('link', { name: /open the rear doors/ }));
    await page.waitForURL(`**/searches/${suspect}`);
    await page.getByText('behind the door').first().waitFor();
    await keepTree(page, 'searcher-order');
    await pressOn(page, page.getByRole('radio', { name: 'Found', exact: true }), 'Space');
    await typeInto(page, page.getByRole('textbox', { name: 'What' }), 'cartons of cigarettes');
    await typeInto(page, page.getByRole('textbox', { name: 'Where' }), 'behind the door');
    await choose(page, page.getByRole('combobox', { name: 'Method' }), 'Unloaded');
    await choose(page, page.getByRole('combobox', { name: 'Extent' }), 'Everything');
    await pressOn(page, page.getByRole('button', { name: 'Record' }));
    await page.getByText('The search is complete').waitFor();
    await keepTree(page, 'searcher-over');
    expect(await stored(suspect)).toMatchObject({
      state: 'closed',
      outcome: { kind: 'found', what: 'cartons of cigarettes', method: 'unloaded', extent: 'full' },
    });
    await page.context().close();
  });

  test('the radiation officer sees what the portal counted, and adjudicates', async () => {
    const at = '2026-03-04T05:00:00Z';
    const headers = { 'content-type': 'application/octet-stream' };
    const send = (name: string, payload: Buffer) =>
      service.as('scanner', { method: 'POST', url: `/v1/scans?name=${name}&visit=V-77`, payload, headers });
    await send('77.fake', fakeScan({ seed: 77, containers: 'MSKU1234565', acquired: at }));
    await service.work();
    const dangerousGoods = [{ unNumber: '2915', nuclides: ['Cs-137'] }];
    await service.as('lane', {
      method: 'PUT',
      url: '/v1/declarations/LIC-4711',
      payload: { containers: ['MSKU1234565'], dangerousGoods },
    });
    await send('gate.csv', portalLines([{ from: at, number: 7, alarm: 'gamma' }]));
    await service.work();
    const page = await signIn('rod');
    await pressOn(page, page.getByRole('link', { name: /Gamma alarm/ }));
    await page.getByRole('img', { name: /Gamma \(samples: 2\)/ }).waitFor();
    await keepTree(page, 'officer-hold');
    await choose(page, page.getByRole('combobox', { name: 'Decision on the alarm' }), 'Innocent: explained');
    await choose(page, page.getByLabel('Explanation'), 'Declared source');
    await typeInto(page, page.getByLabel('Source declaration'), 'LIC-4711');
    await choose(page, page.getByLabel('Identified by'), 'Hand-held instrument (RIID)');
    await typeInto(page, page.getByLabel('Nuclides'), 'Cs-137');
    await pressOn(page, page.getByRole('button', { name: 'Record' }));
    await page.getByText('Innocent alarm; the vehicle may proceed').waitFor();
    await page.context().close();
  });

  test('each view and each change of the day is in the audit, with the person', async () => {
    const { scanId } = await stored(suspect);
    expect(await audited('ann', suspect)).toEqual(
      expect.arrayContaining([
        'change case: claim',
        'view case',
        'change annotation: add',
        'change annotation: change',
        'view verdict outlook',
        'change case: decide',
        'change case: refer',
      ]),
    );
    expect(await audited('ann', scanId)).toContain('view scan');
    expect(await audited('sam', after)).toContain('change case: release');
    expect(await audited('sam')).toEqual(expect.arrayContaining(['view queue', 'view persons']));
    expect(await audited('sue')).toContain('view searches');
    expect(await audited('sue', suspect)).toEqual(
      expect.arrayContaining(['view case', 'change case: outcome']),
    );
    expect(await audited('rod')).toEqual(
      expect.arrayContaining(['view holds', 'view hold', 'change hold: adjudicate']),
    );
    expect(complaints).toEqual([]);
  });
});
