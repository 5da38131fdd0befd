import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closePages, hasChromium, sharedChromium } from '../../browser-support/chromium.ts';
import { eventually } from '../../support/eventually.ts';
import { signInAddress } from '../../support/page/workstation.ts';
import { postgresFolder } from '../../support/postgres-server.ts';
import { freePort } from '../../support/running-service.ts';
import { story } from '../../support/vitest/story.ts';

/** The process of the service is killed while an analyst works in the page, and started again over the same folder. */

const chromium = hasChromium();
const token = 'a-token-of-this-test';
const SCANS = 2;

let data: string;
let port: number;
let child: ChildProcess;
let key: string;
let browser: Browser;
let page: Page;

async function start(scans: number): Promise<void> {
  child = fork(fileURLToPath(new URL('killed-child.ts', import.meta.url)), [token, String(scans)], {
    execArgv: ['--import', 'tsx'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NII_DATA: data,
      NII_PORT: String(port),
      NII_LOG_LEVEL: 'error',
      NII_ALLOW_ROOT: '1',
    },
  });
  const [told] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the service ended before it listened'))),
  ]);
  ({ key } = told);
}

async function kill(): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function asked(path: string) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return answer.json();
}

beforeAll(async () => {
  if (!chromium) return;
  data = await postgresFolder();
  port = await freePort();
  await start(SCANS);
  browser = await sharedChromium();
  page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(signInAddress(`http://127.0.0.1:${port}`, 'analyst'));
  await page.getByRole('button', { name: /Next case/ }).waitFor();
  await eventually('the cases wait', 60, async () => {
    const { bands } = await asked('/v1/queue/counts');
    return bands.high + bands.raised + bands.routine === SCANS;
  });
});

afterAll(async () => {
  await closePages(browser);
  if (child?.connected === true) {
    const gone = once(child, 'exit');
    child.disconnect();
    await gone;
  }
  if (data !== undefined) await rm(data, { recursive: true, force: true });
});

const lost = () => page.getByText('The service is unreachable. The connection may have been lost');
const caseId = () => /\/case\/([a-z0-9-]+)/.exec(page.url())?.[1];

async function nextCase(): Promise<string> {
  await page.keyboard.press('n');
  await page.waitForURL(/\/case\//);
  await page.locator('canvas').waitFor();
  await page.locator('.over').waitFor({ state: 'detached' });
  return caseId() ?? '';
}

async function drawBox(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const box = await page.locator('canvas').boundingBox();
  if (box === null) throw new Error('no canvas');
  const at = ([x, y]: readonly [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const;
  await page.keyboard.press('m');
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 4 });
  await page.mouse.up();
}

story.runIf(chromium)('a service that is killed while an analyst works', () => {
  test('has lost no annotation and no draft when it is back, and takes what was drawn meanwhile once', async () => {
    const id = await nextCase();
    await drawBox([0.4, 0.45], [0.5, 0.55]);
    await page.getByRole('region', { name: 'Annotations' }).getByText('Saved', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('2');
    await page.getByLabel('Note').fill('behind the third pallet');
    await kill();
    await lost().waitFor({ timeout: 15_000 });
    await page.locator('canvas').focus();
    await drawBox([0.6, 0.4], [0.7, 0.5]);
    expect(await page.getByLabel('Note').inputValue()).toBe('behind the third pallet');
    await start(0);
    await lost().waitFor({ state: 'detached', timeout: 20_000 });
    const kept = async () => (await asked(`/v1/cases/${id}/annotations`)).items.length;
    await expect.poll(kept, { timeout: 20_000 }).toBe(2);
    expect(await page.getByLabel('Note').inputValue()).toBe('behind the third pallet');
    await page.getByRole('button', { name: /^Decide/ }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(id));
    const { verdicts, state } = await asked(`/v1/cases/${id}`);
    expect(verdicts).toMatchObject([{ kind: 'suspect', note: 'behind the third pallet' }]);
    expect(state).toBe('decided');
    expect(await kept()).toBe(2);
  });

  test('has one verdict, whenever it was killed while that was on its way', async () => {
    const id = caseId() ?? (await nextCase());
    await page.locator('canvas').waitFor();
    await page.keyboard.press('2');
    await page.getByLabel('Note').fill('under the floor');
    const sent = page.waitForRequest((request) => request.url().endsWith('/verdict'));
    // its answer may never come
    const pressed = page.getByRole('button', { name: /^Decide/ }).click();
    await sent;
    await kill();
    await start(0);
    await lost().waitFor({ state: 'detached', timeout: 20_000 });
    await pressed;
    const decide = page.getByRole('button', { name: /^Decide/ });
    const { verdicts: arrived } = await asked(`/v1/cases/${id}`);
    if (arrived.length === 0) {
      if (caseId() === id && (await decide.isEnabled())) await decide.click();
      await page.waitForURL((url) => !url.pathname.endsWith(id), { timeout: 20_000 });
    }
    const { verdicts } = await asked(`/v1/cases/${id}`);
    expect(verdicts).toMatchObject([{ kind: 'suspect', note: 'under the floor' }]);
  });
});
