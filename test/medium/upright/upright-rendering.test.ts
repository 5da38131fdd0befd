import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Turn } from '../../../src/core/scan/turn.ts';
import { decompressed, hasDicomTools } from '../../support/dicom-tools.ts';
import { leftOut } from '../../support/s3-server.ts';
import { hasOrthanc, type Orthanc, startOrthanc } from '../orthanc-server.ts';
import { type Rendered, renderedFixtures } from './rendered-fixtures.ts';
import { spearman } from './spearman.ts';

/** How much better than every other orientation the upright one agrees. */
const leastMargin = 0.05;
const longestSide = 48;
const orientations: readonly Turn[] = ([0, 90, 180, 270] as const).flatMap((rotate) =>
  [false, true].map((flipColumns) => ({ flipRows: false, rotate, flipColumns })),
);

interface Greys {
  readonly columns: number;
  readonly rows: number;
  readonly values: Uint8Array;
}

/** A picture in greys of these sides, or made smaller. */
async function greysOf(picture: Uint8Array, sides?: Pick<Greys, 'columns' | 'rows'>): Promise<Greys> {
  const { width, height } = await sharp(picture).metadata();
  const share = Math.min(1, longestSide / Math.max(width, height));
  const { columns, rows } = sides ?? {
    columns: Math.max(1, Math.round(width * share)),
    rows: Math.max(1, Math.round(height * share)),
  };
  const values = await sharp(picture)
    .removeAlpha()
    .greyscale()
    .resize({ width: columns, height: rows, fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();
  return { columns, rows, values };
}

function turned(picture: Uint8Array, { rotate, flipColumns }: Turn): Promise<Uint8Array> {
  return sharp(picture)
    .rotate(360 - rotate)
    .toBuffer()
    .then((quarters) => sharp(quarters).flop(flipColumns).toBuffer());
}

/** How much better the rendering of another program agrees with our preview upright than turned or mirrored. */
async function marginOf(rendering: Uint8Array, preview: Uint8Array): Promise<number> {
  const ours = await greysOf(preview);
  const inside = {
    width: longestSide,
    height: longestSide,
    fit: 'inside',
    withoutEnlargement: true,
  } as const;
  const small = await sharp(rendering).resize(inside).png().toBuffer();
  const agreements: number[] = [];
  for (const orientation of orientations) {
    const theirs = await greysOf(await turned(small, orientation), ours);
    agreements.push(spearman(theirs.values, ours.values));
  }
  const [upright = 0, ...others] = agreements;
  return upright - Math.max(...others);
}

/** Fixtures whose margin is too small, each with it. */
async function tooAlike(
  fixtures: readonly Rendered[],
  render: (fixture: Rendered) => Promise<Uint8Array>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const fixture of fixtures) {
    const margin = await marginOf(await render(fixture), fixture.preview);
    if (!(margin >= leastMargin)) wrong.push(`${fixture.name}: ${margin.toFixed(3)}`);
  }
  return wrong;
}

if (!hasOrthanc() || !hasDicomTools())
  leftOut('renderings of others', 'scripts/debian-parts.sh orthanc dicom installs them');
else describe('our preview agrees with the rendering of another program best as it is upright', uprightBest);

function uprightBest(): void {
  const folder = mkdtempSync(join(tmpdir(), 'nii-upright-'));
  let fixtures: readonly Rendered[] = [];
  let converters: readonly string[] = [];
  let orthanc: Orthanc;

  beforeAll(async () => {
    orthanc = await startOrthanc({});
    ({ fixtures, converters } = await renderedFixtures(folder));
  }, 120_000);

  afterAll(async () => {
    await orthanc?.stop();
    rmSync(folder, { recursive: true });
  });

  test('of every converter that gives samples there is a scan', () => {
    expect(converters.length).toBeGreaterThan(8);
    const shown = new Set(fixtures.map(({ converter }) => converter));
    expect(converters.filter((converter) => !shown.has(converter))).toEqual([]);
  });

  test('by DCMTK', { timeout: 120_000 }, async () => {
    const byDcmtk = async ({ bytes, transferSyntax, name, hasWindow }: Rendered) => {
      const path = join(folder, `${name}.dcm`);
      writeFileSync(path, bytes);
      const options = ['+on', ...(hasWindow ? ['+Wi', '1'] : [])];
      execFileSync('dcm2pnm', [...options, decompressed(path, transferSyntax), `${path}.png`], {
        stdio: 'pipe',
      });
      return new Uint8Array(readFileSync(`${path}.png`));
    };
    expect(await tooAlike(fixtures, byDcmtk)).toEqual([]);
  });

  test('by Orthanc', { timeout: 120_000 }, async () => {
    const byOrthanc = async ({ bytes, name }: Rendered) => {
      const sent = await fetch(`${orthanc.address}/instances`, {
        method: 'POST',
        body: new Uint8Array(bytes),
      });
      const { ID } = (await sent.json()) as { readonly ID: string };
      const headers = { accept: 'image/png' };
      const answer = await fetch(`${orthanc.address}/instances/${ID}/rendered`, { headers });
      expect(`${name} ${answer.status}`).toBe(`${name} 200`);
      return new Uint8Array(await answer.arrayBuffer());
    };
    expect(await tooAlike(fixtures, byOrthanc)).toEqual([]);
  });
}
