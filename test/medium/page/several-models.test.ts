import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOnnxRunner } from '../../../src/adapters/onnx/runner.ts';
import type { Analysis } from '../../../src/core/case/finding.ts';
import { ModelShelf } from '../../../src/infer/installed/shelf.ts';
import { loadModelPackages } from '../../../src/infer/packages.ts';
import { hasChromium } from '../../browser-support/chromium.ts';
import type { Harness } from '../../support/harness.ts';
import { writeDetector, writePackage } from '../../support/infer/package-folder.ts';
import {
  artefacts,
  closeWorkstation,
  openWorkstation,
  signInAddress,
} from '../../support/page/workstation.ts';
import { sendSimulated } from '../../support/send-simulated.ts';
import { actor, send } from '../../support/stage.ts';

/** Findings of several models on one scan, in a real browser over the real service and the real runtime. */

const chromium = hasChromium();
let service: Harness;
let address: string;
let browser: Browser;
let shelf: ModelShelf;
let folder: string;
/** The case that has a report of a machine. */
let reported: string;

beforeAll(async () => {
  if (!chromium) return;
  folder = mkdtempSync(join(tmpdir(), 'nii-page-models-'));
  writePackage(join(folder, 'opacity/1'), { thresholds: { map: 0.2, score: 0.2 } });
  // two detectors that mark the same places
  writeDetector(join(folder, 'threats/1'));
  writeDetector(join(folder, 'weapons/1'), { id: 'weapons' });
  shelf = await ModelShelf.open({
    read: () => loadModelPackages(folder),
    open: ({ path }) => openOnnxRunner({ file: path }),
    test: async () => {},
    onLeftOut: () => {},
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  ({ service, address, browser } = await openWorkstation({ models: shelf }));
  // stands out more than the other one, so it is dealt first
  await sendSimulated(service.deps, actor('scanner'), 7);
  await service.work();
  reported = await sendWithReport();
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
  await shelf?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true });
});

/** Two energies, and the ALARM of a machine on one object. @returns the id of its case */
async function sendWithReport(): Promise<string> {
  const at = new URL('../../../converters/dicom/fixtures/two-energies-and-report/', import.meta.url);
  const files = ['a.dcs', 'b.dcs', 'c.dcs'].map((name) => ({
    name,
    bytes: new Uint8Array(readFileSync(new URL(name, at))),
  }));
  const [accepted] = await send(service.deps, files);
  await service.work();
  const [found] = await service.deps.records.transaction((tx) => tx.casesOfScan(accepted!.scanId));
  return found!.id;
}

/** Words beside boxes of which one lies over another. */
const overlapping = (page: Page) =>
  page.locator('.finding text').evaluateAll((texts) => {
    const boxes = texts.map((text) => ({ said: text.textContent, ...text.getBoundingClientRect().toJSON() }));
    return boxes.flatMap((a, i) =>
      boxes
        .slice(i + 1)
        .filter((b) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)
        .map((b) => [a.said, b.said]),
    );
  });
const marks = (page: Page, text: RegExp) => page.locator('.finding').filter({ hasText: text });

describe.runIf(chromium)('findings of several models', () => {
  test('are one mark where models agree, name each model, and go away model by model', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(signInAddress(address, 'analyst'));
    await page.getByRole('button', { name: /Next case/ }).waitFor();
    await page.keyboard.press('n');
    await page.waitForURL(/\/case\//);
    await page.locator('canvas').waitFor();
    await page.getByText(/the highest of 3 models/).waitFor();
    const id = page.url().split('/').at(-1);
    const { scanId } = (await service.as('auditor', { url: `/v1/cases/${id}` })).json();
    const { items } = (
      await service.as('auditor', { url: `/v1/scans/${scanId}/revisions/1/findings` })
    ).json();
    const count = (id: string) =>
      items.find(({ model }: Analysis) => model.id === id).findings.length as number;
    expect([count('opacity') > 0, count('threats') > 1]).toEqual([true, true]);

    expect(await page.locator('.finding').count()).toBe(0);
    expect(await page.getByRole('button', { name: /^threats 1/ }).count()).toBe(0);
    await page.keyboard.press('f');
    await marks(page, /threats 1/)
      .first()
      .waitFor();
    await page.screenshot({ path: join(artefacts, 'case-several-models-1280.png') });
    // both detectors mark the same places: each mark names both, with the percentile of each; some have room for less
    const places = count('threats') + count('opacity');
    expect(await page.locator('.finding').count()).toBe(places);
    const named = await marks(page, /threats 1: more unusual/).count();
    expect(named).toBeGreaterThan(0);
    expect(await marks(page, /threats 1.*weapons 1|weapons 1.*threats 1/).count()).toBe(named);
    const withWords = page.locator('.finding').filter({ has: page.locator('text') });
    expect(await withWords.count()).toBeGreaterThan(places / 2);
    expect(await overlapping(page)).toEqual([]);

    await page.getByRole('button', { name: `threats 1: ${count('threats')}` }).click();
    await expect.poll(() => marks(page, /threats 1/).count()).toBe(0);
    expect(await page.locator('.finding').count()).toBe(places);
    expect(await overlapping(page)).toEqual([]);
    await page.getByRole('button', { name: `weapons 1: ${count('weapons')}` }).click();
    await expect.poll(() => page.locator('.finding').count()).toBe(count('opacity'));
    await page.keyboard.press('f');
    await expect.poll(() => page.locator('.finding').count()).toBe(0);
    await context.close();
  });

  test('stand beside what the algorithm of the vendor said, which has a mark and a button of its own', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    await page.goto(signInAddress(address, 'supervisor', `/case/${reported}`));
    await page.locator('canvas').waitFor();
    const master = page.getByRole('button', { name: /^Findings/ });
    await expect.poll(() => master.isEnabled()).toBe(true);
    // nothing of the vendor is seen before somebody asks for findings
    expect(await page.getByText(/Example 2\.0/).count()).toBe(0);
    await master.click();
    const mark = page.locator('.vendor-finding');
    await mark.waitFor();
    expect(await mark.textContent()).toBe('ANOMALY, Example 2.0 (vendor)');
    await page.screenshot({ path: join(artefacts, 'case-vendor-1280.png') });
    await page.getByRole('button', { name: 'Example 2.0 (vendor): alarm, 1' }).click();
    await expect.poll(() => mark.count()).toBe(0);
    await page.getByRole('button', { name: 'Example 2.0 (vendor): alarm, 1' }).click();
    await mark.waitFor();
    await master.click();
    await expect.poll(() => page.getByText(/Example 2\.0/).count()).toBe(0);
    await context.close();
  });
});
