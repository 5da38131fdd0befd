import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPrograms } from '../../support/dicom-tools.ts';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(`${root}docs/reference/dicomweb.md`, 'utf8');
const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, code = '']) => code);

let service: Harness;
let folder: string;
let address: string;
/** What the example of storing printed. */
let stored: string;

/** The block as a person would paste it, with the address and keys of this service. */
async function run(block: string | undefined): Promise<string> {
  const env = {
    ...process.env,
    H: address,
    SENDER: service.token('scanner'),
    VIEWER: service.token('supervisor'),
  };
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', block ?? 'false'], {
    cwd: folder,
    env,
  });
  return stdout;
}

describe.runIf(hasPrograms('curl'))('the page of DICOMweb', () => {
  beforeAll(async () => {
    service = await openHarness();
    address = await service.listen();
    folder = mkdtempSync(join(tmpdir(), 'nii-dicomweb-'));
    copyFileSync(`${root}converters/dicom/fixtures/big-endian/a.dcs`, join(folder, 'scan.dcm'));
    const headers = { 'content-type': 'application/octet-stream' };
    const sent = {
      method: 'POST',
      url: '/v1/scans?name=a.fake',
      payload: fakeScan({ containers: 'MSKU1234565' }),
      headers,
    } as const;
    expect((await service.as('scanner', sent)).statusCode).toBe(202);
    await service.work();
    stored = await run(blocks[1]);
  }, 60_000);

  afterAll(async () => {
    await service?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the example of storing stores', () => {
    const answer = JSON.parse(stored);
    expect(answer['00081199'].Value[0]['00081155'].Value).toEqual(['1.2.3.2.1']);
  });

  test('the examples of searching find studies, series and reports', async () => {
    const answers = (await run(blocks[2])).replaceAll('][', ']\n[').split('\n');
    expect(answers.map((answer) => JSON.parse(answer).length)).toEqual([1, 3, 1]);
  });

  test('the examples of retrieving give a file, its data set, samples and a picture', async () => {
    await run(blocks[3]);
    const file = readFileSync(join(folder, 'instance.dcm'));
    expect(file.toString('latin1', 128, 132)).toBe('DICM');
    const [metadata] = JSON.parse(readFileSync(join(folder, 'metadata.json'), 'utf8'));
    const [rows, columns] = ['00280010', '00280011'].map((tag) => metadata[tag].Value[0]);
    expect(statSync(join(folder, 'samples.raw')).size).toBe(rows * columns * 2);
    const picture = await sharp(join(folder, 'picture.png')).metadata();
    expect(picture.format).toBe('png');
  });
});
