import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Case } from '../../../../src/core/case/case.ts';
import type { NiiScan } from '../../../../src/core/scan/scan.ts';
import { type Harness, openHarness } from '../../../support/harness.ts';
import { decideCab, placeCab } from '../../../support/http/decide-cab.ts';
import { leftOut } from '../../../support/s3-server.ts';
import { sendSimulated } from '../../../support/send-simulated.ts';
import { actor } from '../../../support/stage.ts';
import { story } from '../../../support/vitest/story.ts';

/** The order as other programs read it: poppler its words and its picture, zbar its code. */
const readers = ['pdfinfo', 'pdftotext', 'pdftoppm', 'zbarimg'];
const hasReaders = readers.every((name) => spawnSync(name, ['--help']).error === undefined);

let service: Harness;
let folder: string;
let value: Case;

async function openCase(): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'nii-order-'));
  service = await openHarness({ deps: { publicUrl: 'https://hub.example' } });
  await sendSimulated(service.deps, actor('scanner'), 3);
  await service.work();
  value = await post('/v1/cases/next');
  // a declaration joins the scans of its days
  const { acquired } = await record();
  const declared = {
    presentedAt: acquired.utc ?? new Date().toISOString(),
    containers: [value.container ?? 'NIIU0000000'],
    description: 'Łożyska, подшипники',
    hsCodes: ['848210'],
  };
  const put = { method: 'PUT', url: '/v1/declarations/24PL0001', payload: declared } as const;
  expect((await service.as('administrator', put)).statusCode).toBeLessThan(300);
  await service.work();
  value = await post(`/v1/cases/${value.id}/verdict`, {
    kind: 'suspect',
    reason: 'density',
    note: 'a block behind the door',
    regions: [await region()],
  });
}

async function post(url: string, payload: object = {}): Promise<Case> {
  const answer = await service.as('supervisor', { method: 'POST', url, payload });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

async function record(): Promise<NiiScan> {
  const url = `/v1/scans/${value.scanId}/revisions/latest/scan.json`;
  return (await service.as('auditor', { url })).json();
}

async function region() {
  const { units } = await record();
  const { from } = units.find(({ id }) => id === value.unitId)?.extent ?? { from: 0 };
  return { view: 'main', x: from + 10, y: 30, width: 40, height: 30 };
}

const order = (role: 'searcher' | 'analyst' = 'searcher', query = '') =>
  service.as(role, { url: `/v1/cases/${value.id}/search-order.pdf${query}` });

/** What a program says of the order. */
function read(pdf: Buffer, name: string, options: readonly string[] = []): string {
  const file = join(folder, 'order.pdf');
  writeFileSync(file, pdf);
  const { status, stdout, stderr } = spawnSync(name, [
    ...options,
    file,
    ...(name === 'pdftotext' ? ['-'] : []),
  ]);
  expect(status, String(stderr)).toBe(0);
  return String(stdout);
}

/** The page as a picture; its file. */
function drawn(pdf: Buffer): string {
  const file = join(folder, 'order.pdf');
  writeFileSync(file, pdf);
  const { status } = spawnSync('pdftoppm', ['-png', '-r', '150', '-singlefile', file, join(folder, 'page')]);
  expect(status).toBe(0);
  return join(folder, 'page.png');
}

/** Pixels of the page that are mid-grey, as what is masked. */
async function greyPixels(file: string): Promise<number> {
  const pixels = await sharp(file).greyscale().raw().toBuffer();
  return pixels.filter((value) => value === 128).length;
}

/** Reddish pixels of the page. */
async function redPixels(file: string): Promise<number> {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let count = 0;
  for (let at = 0; at < data.length; at += info.channels)
    if ((data[at] ?? 0) > 150 && (data[at + 1] ?? 255) < 80 && (data[at + 2] ?? 255) < 80) count += 1;
  return count;
}

if (!hasReaders)
  leftOut('the search order on paper', 'scripts/debian-parts.sh pdf installs poppler and zbar');
else {
  story('the order to search a case, from its referral to the next', () => {
    beforeAll(openCase);
    afterAll(async () => {
      await service.close();
      rmSync(folder, { recursive: true, force: true });
      expect(service.wrongAnswers).toEqual([]);
    });

    test('is there only while the case is in search, and only for whoever may read the case', async () => {
      expect((await order()).json()).toMatchObject({ status: 409, code: 'NII_STATE_CONFLICT' });
      await post(`/v1/cases/${value.id}/refer`, { note: 'unload the rear half' });
      expect((await order()).statusCode).toBe(200);
      expect((await order('analyst')).statusCode).toBe(404);
      const { items } = (await service.as('auditor', { url: '/v1/audit?limit=200' })).json();
      expect(items.map(({ action }: { action: string }) => action)).toContain('view search order');
    });

    test('is one page of A4 with the words of the case, the declaration and the sender', async () => {
      const { rawPayload, headers } = await order();
      expect(headers['content-type']).toBe('application/pdf');
      expect(read(rawPayload, 'pdfinfo')).toMatch(/Pages: +1\n[\s\S]*A4/);
      const text = read(rawPayload, 'pdftotext', ['-layout']);
      for (const words of [
        'Search order',
        value.container ?? '',
        value.id,
        'Suspect: Density',
        'a block behind the door',
        'unload the rear half',
        '24PL0001',
        'Łożyska, подшипники',
        '848210',
      ])
        expect(text).toContain(words);
      const french = read((await order('searcher', '?language=fr')).rawPayload, 'pdftotext');
      for (const words of ['Ordre de fouille', 'Suspect: Densité']) expect(french).toContain(words);
    });

    test('is read out in order: its title, its lines, and its figures in words, in its language', async () => {
      const { rawPayload } = await order('searcher', '?language=es');
      const facts = read(rawPayload, 'pdfinfo');
      expect(facts).toMatch(/Title: +Orden de registro/);
      expect(facts).toMatch(/Tagged: +yes/);
      expect(rawPayload.toString('latin1')).toMatch(/\/Lang \(es\)/);
      const kinds = read(rawPayload, 'pdfinfo', ['-struct']).matchAll(/^ {2}([A-Z][A-Za-z0-9]*)/gm);
      expect([...kinds].map(([, kind]) => kind).join(' ')).toMatch(/^H1 (P ){5}Figure Figure (P ){5,}P$/);
      // one of the code, one of the picture
      expect(rawPayload.toString('latin1').match(/\/Alt \(/g)).toHaveLength(2);
    });

    test('has a code that leads to the search, and the region drawn on the picture', async () => {
      const page = drawn((await order()).rawPayload);
      const scanned = spawnSync('zbarimg', ['--quiet', '--raw', page]);
      expect(String(scanned.stdout).trim()).toBe(`https://hub.example/searches/${value.id}`);
      expect(await redPixels(page)).toBeGreaterThan(100);
    });

    test('is grey where the policy masks the cab, and says so', async () => {
      const before = await greyPixels(drawn((await order()).rawPayload));
      const [scanner] = (await service.as('supervisor', { url: '/v1/scanners' })).json().items;
      await placeCab(service, scanner.id, { side: 'left', share: 0.25 });
      await decideCab(service, 'masked');
      const { rawPayload } = await order();
      expect(read(rawPayload, 'pdftotext')).toContain('Cab masked by policy');
      expect((await greyPixels(drawn(rawPayload))) - before).toBeGreaterThan(10_000);
      const url = `/v1/scans/${value.scanId}/revisions/latest/preview?of=material`;
      const material = await service.as('supervisor', { url });
      const { data, info } = await sharp(material.rawPayload).raw().toBuffer({ resolveWithObject: true });
      for (let row = 0; row < info.height; row += 1) {
        const at = row * info.width * info.channels;
        const cab = data.subarray(at, at + Math.floor(info.width * 0.25) * info.channels);
        expect(new Set(cab)).toEqual(new Set([128]));
      }
      await decideCab(service, 'shown');
      expect(read((await order()).rawPayload, 'pdftotext')).not.toContain('Cab masked by policy');
    });

    test('stays one page, whatever was written', async () => {
      const note = 'behind the third pallet '.repeat(150);
      await post(`/v1/cases/${value.id}/outcome`, {
        kind: 'nothing-found',
        method: 'opened',
        extent: 'part',
      });
      await post(`/v1/cases/${value.id}/refer`, { note });
      expect(read((await order()).rawPayload, 'pdfinfo')).toMatch(/Pages: +1\n/);
    });
  });
}
