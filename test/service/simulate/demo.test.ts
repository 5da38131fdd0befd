import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { simulateDicos } from '../../../fixtures/demo-dicos.ts';
import { demoScans, dicosScan } from '../../../fixtures/demo-scans.ts';
import { simulateLayouts, simulateWithFiles } from '../../../src/simulate/index.ts';
import { readRepositoryFile } from '../../support/markdown-table.ts';

const folder = new URL('../../../fixtures/demo/', import.meta.url);

interface Entry {
  readonly folder: string;
  readonly layout: string;
  readonly anomalous: boolean;
  readonly containers: readonly string[];
}

const manifest = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as readonly Entry[];

describe('the demo scans', () => {
  it.each(demoScans)('$folder are what the simulator makes of its seed', ({ folder: name, options }) => {
    const place = new URL(`${name}/files/`, folder);
    const { scan, files } = simulateWithFiles(options);
    expect(readdirSync(place).sort()).toEqual(files.map((file) => file.name).sort());
    for (const file of files) {
      expect(Buffer.compare(readFileSync(new URL(file.name, place)), file.bytes), file.name).toBe(0);
    }
    expect(manifest.find((entry) => entry.folder === name)).toMatchObject({
      layout: options.layout,
      anomalous: scan.anomalies.length > 0,
      containers: scan.units.map(({ container }) => container),
    });
  });

  it(`${dicosScan.folder} is the DICOS that comes of its seed`, async () => {
    const place = new URL(`${dicosScan.folder}/files/`, folder);
    const { files } = await simulateDicos(dicosScan.options);
    expect(readdirSync(place).sort()).toEqual(files.map((file) => file.name).sort());
    for (const file of files) {
      expect(Buffer.compare(readFileSync(new URL(file.name, place)), file.bytes), file.name).toBe(0);
    }
  });

  it('are as many as the page of the simulator says', () => {
    const [, said] =
      /`fixtures\/demo\/` holds (\d+) scans/.exec(readRepositoryFile('docs/reference/simulator.md')) ?? [];
    expect(Number(said)).toBe(manifest.length);
  });

  it('show every layout, about half of them something hidden, in less than 25 MB', () => {
    expect(new Set(manifest.map(({ layout }) => layout))).toEqual(new Set([...simulateLayouts, 'dicos']));
    expect(manifest).toHaveLength(demoScans.length + 1);
    const hidden = manifest.filter(({ anomalous }) => anomalous).length;
    expect(hidden).toBeGreaterThanOrEqual(5);
    expect(hidden).toBeLessThanOrEqual(7);
    const names = readdirSync(folder, { recursive: true }).map(String);
    const bytes = names.reduce((sum, name) => sum + statSync(new URL(name, folder)).size, 0);
    expect(bytes).toBeLessThan(25e6);
  });
});
