import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runInProcess } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { ImportedReport } from '../../../src/core/scan/scan.ts';
import { dicomFixtureFolder, readFixture } from '../../support/inputs/dicom-fixtures.ts';
import { hasSharedData, readShared } from '../../support/shared-data.ts';
import { converterOf, onlyGroup, sha256, stage, temporaryFolder, toConvert } from '../../support/staging.ts';

const folder = temporaryFolder();

/** The DICOM JSON model (PS3.18 F.2) as DCMTK writes it. */
interface Element {
  readonly Value?: readonly unknown[];
  readonly InlineBinary?: string;
}
type JsonSet = Readonly<Record<string, Element>>;

const values = (set: JsonSet, tag: string) => set[tag]?.Value ?? [];
const items = (set: JsonSet, tag: string) => values(set, tag) as readonly JsonSet[];
const first = (set: JsonSet, tag: string) => values(set, tag)[0];
const instances = (set: JsonSet, tag: string) => items(set, tag).map((item) => first(item, '00081155'));

/** The record's words for a report, from DCMTK's reading of it. */
function expected(set: JsonSet, source: string): unknown {
  const objects = items(set, '40101011').flatMap(expectedObjects);
  const regions = objects.flatMap((object) => object.regions);
  return JSON.parse(
    JSON.stringify({
      source,
      type: first(set, '40101027'),
      decision: first(set, '40101031'),
      abortReason: first(set, '40101021'),
      by: values(set, '40101029').join(' ') || undefined,
      sopInstanceUid: first(set, '00080018'),
      references: [...new Set([...instances(set, '00081110'), ...regions.flatMap((one) => one.references)])],
      objects,
    }),
  );
}

function expectedObjects(set: JsonSet) {
  const regions = items(set, '40101037').map(expectedRegion);
  return items(set, '40101038').map((assessment) => ({
    id: first(set, '40101010'),
    category: first(assessment, '40101012'),
    description: first(assessment, '40101013'),
    assessment: first(assessment, '40101015'),
    probability: first(assessment, '40101016'),
    regions,
  }));
}

function expectedRegion(set: JsonSet) {
  const [roi = {}] = items(set, '40101001');
  const bitmap = roi['40101006']?.InlineBinary;
  const polygon = values(set, '4010101D');
  return {
    references: instances(set, '0008114A'),
    base: values(roi, '40101004'),
    extents: values(roi, '40101005'),
    polygon: polygon.length === 0 ? undefined : polygon,
    bitmapSha256: bitmap === undefined ? undefined : sha256(new Uint8Array(Buffer.from(bitmap, 'base64'))),
    massGrams: first(set, '40101017'),
    densityGramsPerCc: first(set, '40101018'),
    zeff: first(set, '40101019'),
  };
}

/** DCMTK prints single-precision numbers in the fewest digits, so they are compared as single-precision numbers. */
function single(value: unknown): unknown {
  if (typeof value === 'number') return Math.fround(value);
  if (Array.isArray(value)) return value.map(single);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, single(one)]));
}

async function reportsOf(bytes: Uint8Array): Promise<readonly ImportedReport[]> {
  const group = onlyGroup(stage(folder, [{ name: 'report.dcs', bytes }]));
  const conversion = { converter: converterOf(group), files: toConvert(group), limits: defaultLimits };
  return (await runInProcess(conversion)).scan.reports ?? [];
}

async function expectSameReport(bytes: Uint8Array, json: JsonSet): Promise<void> {
  const [report] = await reportsOf(bytes);
  const { at, ...said } = report ?? { at: undefined };
  expect(single(said)).toEqual(single(expected(json, 'report.dcs')));
  expect(at?.written?.replace(' ', '')).toBe(String(first(json, '4010102B')));
}

const ours: Readonly<Record<string, JsonSet>> = JSON.parse(
  readFileSync(`${dicomFixtureFolder}reports.json`, 'utf8'),
);
const theirs = [
  'CTwithTDR/TDR',
  'TDRFiles/MultiplePTOsTDR',
  'TDRFiles/SimpleBaggageTDR',
  'TDRFiles/SimpleBaggageNoThreatTDR',
];

describe('a Threat Detection Report', () => {
  test.each(Object.entries(ours))('%s says in the record what DCMTK reads in it', async (file, json) => {
    await expectSameReport(readFixture({ file: `headers/${file}` }), json);
  });

  test.runIf(hasSharedData('dicom')).each(theirs)('by others, %s, says it too', async (name) => {
    const path = `dicom/Auxilia-tech__pyDICOS/pydicos-python/${name}.dcs`;
    const json = new TextDecoder().decode(readShared(`${path}.dcm2json.json`));
    await expectSameReport(readShared(path), JSON.parse(json));
  });
});
