import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/in-process.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { channelsOf } from '../../../src/core/scan/scan.ts';
import { sortIntoScans } from '../../../src/recognise/index-files.ts';
import { loadConverters } from '../../../src/recognise/registry.ts';
import { hasPython } from '../../support/dicom-tools.ts';
import { sha256, stage, temporaryFolder, toConvert } from '../../support/staging.ts';

const folder = temporaryFolder();

/** What a site writes that exports TIFF pages with an XML of its own: a folder with this file, and no code. */
const manifest = {
  schemaVersion: '1.0',
  id: 'harbour-export',
  version: '1.0.0',
  title: 'Export of the harbour, TIFF with XML',
  formats: ['harbour-export'],
  recognise: [{ all: [{ xmlRoot: ['HarbourExport'] }], role: 'metadata' }],
  group: { by: 'name', pattern: '^(?<stem>.+?)\\.[^.]*$' },
  references: [{ element: 'Image', roles: {}, otherwise: 'picture' }],
  ceilingBytes: 1_000_000,
  layout: {
    kind: 'mapped',
    fields: {
      box: { file: 'metadata', xml: "Attribute[@name='box']" },
      time: { file: 'metadata', xml: 'Taken' },
      air: { file: 'metadata', xml: 'Image/@air' },
      pitch: { file: 'metadata', xml: 'Image/@pitch' },
    },
    views: [
      {
        id: 'main',
        pitch: { rowMm: { field: 'pitch' }, columnMm: { field: 'pitch' } },
        channels: [
          {
            id: 'high',
            kind: 'transmission',
            energy: 'high',
            openBeam: { field: 'air' },
            picture: { file: 'picture' },
          },
          { id: 'low', kind: 'transmission', energy: 'low', picture: { file: 'picture', page: 1 } },
        ],
      },
    ],
    record: {
      containers: [{ field: 'box', source: 'operator' }],
      acquired: { field: 'time', pattern: 'DD.MM.YYYY hh:mm:ss', zone: '+02:00' },
    },
  },
};

const script = `
import sys, hashlib, json, numpy as np, tifffile
rng = np.random.RandomState(5)
high = rng.randint(3000, 60000, (20, 30)).astype('u2')
tifffile.imwrite(sys.argv[1], np.stack([high, high // 2]), photometric='minisblack', compression='zlib', byteorder='>')
print(json.dumps([hashlib.sha256(page.astype('<u2').tobytes()).hexdigest() for page in tifffile.imread(sys.argv[1])]))
`;

it.runIf(hasPython('numpy', 'tifffile'))(
  "a site's own package maps the pages of a TIFF and the fields of an XML, without code",
  async () => {
    const packages = join(folder, 'packages', 'harbour-export');
    mkdirSync(packages, { recursive: true });
    writeFileSync(join(packages, 'converter.json'), JSON.stringify(manifest));
    const converters = await loadConverters({ extra: join(folder, 'packages'), enableFake: false });
    const picture = join(folder, 'Shot-0001.tif');
    const pages = JSON.parse(execFileSync('/usr/bin/python3', ['-c', script, picture], { encoding: 'utf8' }));
    const xml =
      '<HarbourExport><Taken>04.03.2031 07:06:07</Taken><Attribute name="box">CSQU3054383</Attribute>' +
      '<Image air="61000" pitch="4.5">Shot-0001.TIF</Image></HarbourExport>';
    const files = [
      { name: 'a.xml', bytes: new TextEncoder().encode(xml) },
      { name: 'Shot-0001.tif', bytes: new Uint8Array(readFileSync(picture)) },
    ];
    const { groups } = await sortIntoScans(stage(folder, files), converters, defaultLimits);
    expect(groups.map(({ converter, files: of }) => [converter.id, of.map(({ role }) => role)])).toEqual([
      ['harbour-export', ['metadata', 'picture']],
    ]);
    const converter = converters.find((one) => one.manifest.id === 'harbour-export')!;
    const { scan, planes } = await runInProcess({
      converter,
      files: toConvert(groups[0]!),
      limits: defaultLimits,
    });
    expect(scan.acquired).toMatchObject({ utc: '2031-03-04T05:06:07Z' });
    expect(scan.units[0]?.containers).toMatchObject([{ value: 'CSQU3054383', state: 'valid' }]);
    expect(
      channelsOf(scan).map(({ channel }) => [
        channel.id,
        channel.energy,
        channel.openBeam,
        channel.pitch?.rowMm,
      ]),
    ).toEqual([
      ['high', 'high', 61_000, 4.5],
      ['low', 'low', undefined, 4.5],
    ]);
    expect(channelsOf(scan).map(({ key }) => sha256(planes.get(key)!))).toEqual(pages);
  },
);
