import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { LocalOutcome, LocalScan } from '../../../src/local/local.ts';
import { convertLocal } from '../../../src/local/local.ts';
import { hasPython } from '../../support/dicom-tools.ts';
import { sidecarPath } from '../../support/inputs/vendor-xml.ts';
import { installed } from '../../support/staging.ts';

/** What Python's own XML reader finds: every element, whatever its namespace. */
const script = `
import json, sys
import xml.etree.ElementTree as E
def local(n): return n.tag.rsplit('}', 1)[-1]
def all_of(n, name): return [c for c in n.iter() if local(c) == name]
def text(n, name):
    found = [c for c in n if local(c) == name]
    return (found[0].text or '') if found else ''
root = E.parse(sys.argv[1]).getroot()
trailers = all_of(root, 'Trailer')
operations = sorted(all_of(root, 'Operation'), key=lambda o: text(o, 'Start').replace('Z', '.000Z') if '.' not in text(o, 'Start') else text(o, 'Start'))
print(json.dumps({
  'truck': text(root, 'TruckId'), 'site': text(root, 'Site'), 'date': text(root, 'Date'),
  'containers': [[text(c, 'ContainerId'), int(text(c, 'OCR'))] for c in all_of(root, 'Container') if text(c, 'ContainerId')],
  'plates': [p for p in dict.fromkeys([text(all_of(root, 'Vehicle')[0], 'PlateNumber')] + [text(t, 'PlateNumber') for t in trailers]) if p],
  'operations': [[o.get('Type'), text(o, 'Start'), text(o, 'End'), text(o, 'Login'), text(o, 'Workstation'), text(o, 'System'),
                  text(o, 'Site'), text(o, 'Verdict')] for o in operations],
  'resources': [[r.text, r.get('Type'), r.get('IsPreview') == 'true'] for r in all_of(root, 'Resource')],
  'atr': [[a.get('ATRType'), text(a, 'Version'), text(a, 'Status'), text(a, 'Result')] for a in all_of(root, 'ATR')],
}))
`;

interface Found {
  readonly truck: string;
  readonly site: string;
  readonly date: string;
  readonly containers: readonly (readonly [string, number])[];
  readonly plates: readonly string[];
  readonly operations: readonly (readonly string[])[];
  readonly resources: readonly (readonly [string, string, boolean])[];
  readonly atr: readonly (readonly string[])[];
}

async function infoOf(path: string): Promise<LocalScan> {
  const outcomes: LocalOutcome[] = [];
  for await (const one of convertLocal({ converters: installed, limits: defaultLimits }, [path]))
    outcomes.push(one);
  const [only] = outcomes;
  if (only?.kind !== 'scan' || outcomes.length > 1)
    throw new Error(`not one scan: ${JSON.stringify(outcomes)}`);
  return only;
}

const forms = ['v0107-rad', 'v0107-utf16', 'v0107-utf8', 'v0120-ns'] as const;

describe('forms of the field', () => {
  it.runIf(hasPython()).each(forms)(
    '%s is read field by field as another XML reader finds it',
    async (name) => {
      const path = sidecarPath(`smiths-dataform-${name}.xml`);
      const found = JSON.parse(
        execFileSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8' }),
      ) as Found;
      const { group, result } = await infoOf(path);
      const { scan } = result;
      expect(group.groupKey).toBe(found.truck.toLowerCase());
      expect(scan.source.site).toBe(found.site);
      expect(scan.acquired).toEqual({ written: found.date, utc: found.date, zone: 'stated' });
      expect(scan.completeness).toBe('incomplete');
      const numbers = scan.units.flatMap(({ containers }) => containers);
      expect(numbers.map(({ value, confidence }) => [value, confidence ?? -1])).toEqual(found.containers);
      expect(numbers.map(({ state }) => state)).toEqual(['valid']);
      expect(scan.units.map(({ plates }) => plates)).toEqual([found.plates]);
      expect(scan.history?.map((step) => facts(step))).toEqual(found.operations);
      const analyses = found.operations.filter(([type]) => type === '3');
      const reports = scan.reports ?? [];
      expect(
        reports
          .filter(({ type }) => type === 'OPERATOR')
          .map(({ verdict, by, at, decision }) => [verdict, by, at?.written, decision]),
      ).toEqual(analyses.map(([, , end, login, , , , verdict]) => [verdict, login, end, 'UNKNOWN']));
      expect(
        reports
          .filter(({ type }) => type === 'MACHINE')
          .map(({ by, text, verdict }) => [by, text?.split(';')[0], verdict]),
      ).toEqual(
        found.atr.map(([type, version, status, outcome]) => [
          `${type} ${version}`,
          `Status: ${status}`,
          outcome,
        ]),
      );
      const resources = scan.vendor.resources as readonly { name: string; type: string; preview?: boolean }[];
      expect(resources.map((one) => [one.name, one.type, one.preview === true])).toEqual(found.resources);
      const missing = new Set(found.resources.map(([, type]) => `Resource ${type}`));
      const warned = scan.warnings
        .filter(({ code }) => code === 'NII_W_FILE_MISSING')
        .map(({ field }) => field);
      expect(new Set(warned)).toEqual(missing);
    },
  );

  it('of V01.07 names two radiation files, and a misread plate is kept with a warning', async () => {
    const radiation = await infoOf(sidecarPath('smiths-dataform-v0107-rad.xml'));
    const listed = radiation.result.scan.vendor.resources as readonly { name: string; type: string }[];
    expect(listed.filter(({ type }) => type === 'ard').map(({ name }) => name)).toEqual([
      '20310304000139624A.Ntr',
      '20310304000139624A.Rad',
    ]);
    const misread = await infoOf(sidecarPath('smiths-dataform-v0107-utf16.xml'));
    expect(misread.result.scan.units[0]?.plates).toEqual(['TEST+001']);
    expect(misread.result.scan.warnings).toContainEqual(
      expect.objectContaining({ code: 'NII_W_FIELD_MALFORMED', value: 'TEST+001' }),
    );
  });
});

type Step = NonNullable<LocalScan['result']['scan']['history']>[number];

function facts({
  type,
  start,
  end,
  operator,
  workstation,
  system,
  site,
  verdict,
}: Step): readonly (string | undefined)[] {
  const given = [type, start?.written, end?.written, operator, workstation, system, site, verdict];
  return given.map((value) => value ?? '');
}
