import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderChannel } from '../../../src/format/preview.ts';
import { numpyFiles, simulateScan } from '../../../src/simulate/index.ts';
import { recordOf } from '../../../src/simulate/record.ts';
import { hasChromium } from '../../browser-support/chromium.ts';
import type { Harness } from '../../support/harness.ts';
import {
  artefacts,
  closeWorkstation,
  openWorkstation,
  signInAddress,
} from '../../support/page/workstation.ts';
import { send } from '../../support/stage.ts';
import { story } from '../../support/vitest/story.ts';

/** What an analyst reads of a hold that was checked without a model, in a real browser. */

const chromium = hasChromium();

let service: Harness;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (!chromium) return;
  const opened = await openWorkstation();
  ({ service, browser } = opened);
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(signInAddress(opened.address, 'analyst'));
  await page.getByRole('button', { name: /Next case/ }).waitFor();
});

afterAll(async () => {
  await closeWorkstation({ service, browser });
});

const empty = { pitchMm: 11, container: '20ft', cargo: 'empty' } as const;

async function take(): Promise<void> {
  await page.keyboard.press('n');
  await page.waitForURL(/\/case\//);
}

// the analyst has one case after the other
story('an analyst', () => {
  test.runIf(chromium)(
    'reads of a container declared empty that its hold looks loaded, that no model says so, and where',
    async () => {
      const scan = simulateScan({ ...empty, seed: 300_000_201, anomalies: ['bricks'] });
      await service.as('administrator', {
        method: 'PUT',
        url: '/v1/declarations/H-1',
        payload: {
          containers: [scan.units[0]!.container],
          declaredEmpty: true,
          presentedAt: scan.acquired,
        },
      });
      await send(service.deps, numpyFiles(scan, 'hold'));
      await service.work();
      await take();
      const facts = page.locator('.facts');
      await facts.getByText(/Declared empty, but the cargo space looks loaded.*no model/).waitFor();
      await facts.getByText('looks loaded', { exact: true }).waitFor();
      await page.locator('.picture canvas').waitFor();
      await page.locator('.over').waitFor({ state: 'detached' });
      expect(await page.locator('.finding').count()).toBe(0);
      await page.keyboard.press('f');
      await page.getByText('Absorbs more than the box (no model)').waitFor();
      await page.screenshot({ path: join(artefacts, 'hold-loaded-1280.png') });
    },
  );

  test.runIf(chromium)('reads of a JPEG alone that only its hold was checked', async () => {
    const { scan, planes } = recordOf(simulateScan({ ...empty, seed: 300_000_202 }));
    const view = scan.views[0]!;
    const { rows, columns, bytes } = renderChannel(view, view.channels[0]!, planes.get('main-high')!, 1600);
    const raw = { width: columns, height: rows, channels: 1 as const };
    const jpeg = await sharp(bytes, { raw }).jpeg({ quality: 90 }).toBuffer();
    await send(service.deps, [{ name: 'lane-3.jpg', bytes: new Uint8Array(jpeg) }]);
    await service.work();
    // the verdict on the case before deals the next
    const before = page.url();
    await page.keyboard.press('2');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.href !== before && url.pathname.startsWith('/case/'));
    await page.getByText(/This scan has only a display image/).waitFor();
    await page.getByText('looks empty', { exact: true }).waitFor();
  });
});
