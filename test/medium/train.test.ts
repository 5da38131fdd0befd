import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hasDicomTools } from '../support/dicom-tools.ts';
import { searchSize } from '../support/search-size.ts';
import { runTrain, type TrainRun, tableOf } from './train-run.ts';

/**
 * A train through the real service, its worker, its converter and its model, each a process of its own: 14 wagons and
 * 35,000 columns, and three times as many in the long run. The bounds are those of docs/decisions/0007-large-scans.md: they do
 * not depend on the columns.
 */
const { wagons, sections } = searchSize.train;
const columns = wagons * 2500;
const columnsOfSection = Math.ceil(columns / sections);
const MiB = 1024 * 1024;
const bounds = { service: 640, worker: 640, converter: 256, model: 512 } as const;

/** Hashes of both channels and of two sections, by NumPy, straight from the array that was sent. */
const expectation = `
import hashlib, json, sys, numpy
array = numpy.load(sys.argv[1], mmap_mode='r')
def sha(part):
    digest = hashlib.sha256()
    for row in part: digest.update(numpy.ascontiguousarray(row).tobytes())
    return digest.hexdigest()
sections = [[int(v) for v in s.split('-')] for s in sys.argv[2:]]
print(json.dumps({
    'high': sha(array[:, :, 0]), 'low': sha(array[:, :, 1]),
    'sections': [sha(array[:, a:b, c]) for c, a, b in sections]}))
`;

/** What pydicom and DCMTK make of one instance. */
const reading = `
import hashlib, json, sys, pydicom
data = pydicom.dcmread(sys.argv[1])
print(json.dumps({
    'rows': data.Rows, 'columns': data.Columns, 'position': [float(v) for v in data.ImagePositionPatient],
    'instance': int(data.InstanceNumber), 'sha256': hashlib.sha256(data.PixelData[:data.Rows * data.Columns * 2]).hexdigest()}))
`;

function python(script: string, ...args: readonly string[]): unknown {
  return JSON.parse(
    execFileSync('/usr/bin/python3', ['-c', script, ...args], { encoding: 'utf8', maxBuffer: 1 << 24 }),
  );
}

async function sectionBy({ fetch, scanId }: TrainRun, name: string): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'nii-section-'));
  try {
    const path = join(folder, 'section.dcs');
    writeFileSync(path, await fetch(`/v1/scans/${scanId}/revisions/1/dicos/main/${name}`));
    execFileSync('dcmdjpeg', [path, `${path}.plain`]);
    return python(reading, `${path}.plain`) as Record<string, unknown>;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it.runIf(hasDicomTools())(
  `a train of ${columns} columns and ${wagons} wagons: a unit and a case each, the same samples, bounded memory`,
  { timeout: 900_000 },
  () =>
    runTrain({ wagons, loads: 2 }, async (run) => {
      console.log(tableOf([run]));
      expect(run.state).toBe('analysed');
      const { scan, cases } = run;
      expect(scan.views[0]?.channels.map((channel) => [channel.rows, channel.columns])).toEqual([
        [680, columns],
        [680, columns],
      ]);
      expect(scan.units.map(({ kind, extent }) => [kind, extent?.from, extent?.to])).toEqual(
        Array.from({ length: wagons }, (_, i) => ['wagon', i * 2500, (i + 1) * 2500]),
      );
      expect(scan.warnings.map(({ code }) => code)).not.toContain('NII_W_WAGON_NUMBER');
      expect(cases).toHaveLength(wagons);
      expect(new Set(cases.map(({ unitId }) => unitId)).size).toBe(wagons);
      expect(new Set(cases.map(({ scanId }) => scanId))).toEqual(new Set([run.scanId]));

      const [second, last] = [columnsOfSection, (sections - 1) * columnsOfSection];
      const expected = python(
        expectation,
        run.array,
        `0-${second}-${2 * second}`,
        `1-${last}-${columns}`,
      ) as {
        readonly high: string;
        readonly low: string;
        readonly sections: readonly string[];
      };
      expect(run.samples).toEqual({ high: expected.high, low: expected.low });
      expect(run.instances).toHaveLength(2 * sections);
      expect(await sectionBy(run, 'high-s2')).toEqual({
        rows: 680,
        columns: columnsOfSection,
        position: [columnsOfSection * 6.76, 0, 0],
        instance: 2,
        sha256: expected.sections[0],
      });
      expect(await sectionBy(run, `low-s${sections}`)).toMatchObject({
        instance: 2 * sections,
        sha256: expected.sections[1],
      });

      for (const [part, bound] of Object.entries(bounds)) {
        const peak = run.peaks[part as keyof typeof bounds];
        expect(peak, `${part} was seen`).toBeGreaterThan(0);
        expect((peak ?? 0) / MiB, `${part}, MiB`).toBeLessThan(bound);
      }
    }),
);
