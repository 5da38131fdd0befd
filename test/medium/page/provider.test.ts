import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOidcProvider } from '../../../src/adapters/oidc-provider.ts';
import { readGroups } from '../../../src/core/sign-in/groups.ts';
import { builtPage } from '../../../src/http/pages/workstation.ts';
import { closePages, hasChromium, sharedChromium } from '../../browser-support/chromium.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../support/harness.ts';
import { client, type OidcServer, startOidcServer } from '../../support/http/oidc-server.ts';
import { freePort } from '../../support/running-service.ts';

/** A person signs in at the page by a real provider, in a real browser. */

const chromium = hasChromium();
let service: Harness;
let idp: OidcServer;
let browser: Browser;
let publicUrl: string;

beforeAll(async () => {
  if (!chromium) return;
  const port = await freePort();
  publicUrl = `http://127.0.0.1:${port}`;
  idp = await startOidcServer(publicUrl);
  idp.accounts.set('ann', { name: 'Ann Example', groups: ['analysts'] });
  const pageFolder = builtPage();
  if (pageFolder === undefined) throw new Error('the page is not built: npm run build');
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
        groups: readGroups(
          JSON.stringify({ analysts: { roles: ['analyst'], administration: ADMINISTRATION, site: SITE } }),
        ),
      },
    },
  });
  await service.app.listen({ host: '127.0.0.1', port });
  browser = await sharedChromium();
});

afterAll(async () => {
  await closePages(browser);
  await service?.close();
  await idp?.stop();
  if (chromium) expect(service.wrongAnswers).toEqual([]);
});

describe.runIf(chromium)('signing in at the page', () => {
  test('an unknown person waits, gets access once an administrator has linked them, and signs out', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(publicUrl);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.waitForURL((url) => url.origin === idp.issuer);
    await page.locator('input[name=login]').fill('ann');
    await page.locator('input[name=password]').fill('any');
    await page.locator('button[type=submit], input[type=submit]').first().click();
    await page.waitForLoadState();
    // the provider asks whether the service may know her
    if (page.url().startsWith(idp.issuer))
      await page.locator('button[type=submit], input[type=submit]').first().click();
    await page.getByText('An administrator must confirm your identity').waitFor();
    await page.screenshot({ path: '.cache/page/waiting-dark-1280.png' });
    const { items } = (await service.as('administrator', { url: '/v1/persons?limit=200' })).json();
    const ann = items.find(({ name }: { name: string }) => name === 'Ann Example');
    const linked = await service.as('administrator', {
      method: 'PUT',
      url: `/v1/persons/${ann.id}`,
      payload: { name: 'Ann Example' },
      headers: { 'if-match': `"${ann.version}"` },
    });
    expect(linked.statusCode, linked.body).toBe(200);
    await expect
      .poll(
        async () => {
          await page
            .getByRole('button', { name: 'Try again' })
            .click({ timeout: 1000 })
            .catch(() => undefined);
          return page.getByRole('button', { name: /Next case/ }).isVisible();
        },
        { timeout: 15_000 },
      )
      .toBe(true);
    await page.getByText('Ann Example').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect((await page.request.get(`${publicUrl}/v1/session`)).status()).toBe(401);
  });

  test('somebody whose sign-in fails is told so on the page, and a program by a problem', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${publicUrl}/sign-in/callback?code=a&state=b`);
    await page.getByRole('alert').getByText('NII_SIGN_IN_FAILED').waitFor();
    expect(await page.getByRole('link', { name: 'Sign in' }).count()).toBe(1);
    const answer = await fetch(`${publicUrl}/sign-in/callback?code=a&state=b`);
    expect(await answer.json()).toMatchObject({ status: 403, code: 'NII_SIGN_IN_FAILED' });
  });
});
