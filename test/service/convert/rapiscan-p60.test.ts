import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { NiiScan } from '../../../src/core/scan/scan.ts';
import { hasPython } from '../../support/dicom-tools.ts';
import { sidecarPath } from '../../support/inputs/vendor-xml.ts';
import { openWorld } from '../../support/world.ts';

const path = sidecarPath('rapiscan-p60-manifest.xml');

/** The same values by Python's own parser. */
const script = `
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
print(json.dumps({
  'plain': {one.tag: one.text for one in root if len(one) == 0},
  'attributes': {one.get('name'): one.text for one in root.find('attributes')},
  'files': [[one.get('type'), one.text] for one in root.find('files')],
}))`;

interface Manifest {
  readonly plain: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string | null>>;
  readonly files: readonly (readonly [type: string, name: string])[];
}

test.runIf(hasPython())('a P60 manifest alone gives every field of it', async () => {
  const world = await openWorld();
  const { code, out } = await world.nii('info', path, '--json');
  await world.close();
  const stated: Manifest = JSON.parse(
    execFileSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8' }),
  );
  const [scan] = (JSON.parse(out) as { scans: NiiScan[] }).scans;
  expect(code).toBe(0);
  expect(scan).toMatchObject({
    source: {
      format: 'rapiscan-p60',
      manufacturer: 'Rapiscan',
      scannerId: stated.plain.system,
      lane: 'LANE1',
    },
    acquired: { utc: stated.plain.createdate, zone: 'stated' },
    completeness: 'incomplete',
    views: [],
    units: [{ kind: 'container', description: stated.attributes.Comments, plates: [] }],
  });
  expect(scan?.units.map(({ containers }) => containers[0]?.value)).toEqual([stated.attributes.Container1]);
  expect(scan?.history).toMatchObject([
    { kind: 'other', type: 'export', start: { utc: stated.plain.exportdate } },
  ]);
  const missing = scan?.warnings.filter(({ code: warning }) => warning === 'NII_W_FILE_MISSING');
  expect(missing?.map(({ value }) => value)).toEqual(stated.files.map(([, name]) => name));
  const kept = scan?.vendor['rapiscan-p60-manifest.xml'];
  expect(kept).toMatchObject({ manifest: { ...stated.plain } });
  expect(kept).toMatchObject({
    manifest: { files: { file: stated.files.map(([type, name]) => ({ '@type': type, '#text': name })) } },
  });
});
