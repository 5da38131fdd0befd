import { execFileSync } from 'node:child_process';
import { createReadStream, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../../src/codec/npy.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { scanJsonBytes } from '../../../src/format/scan-json.ts';
import { convertLocal, type LocalOutcome } from '../../../src/local/local.ts';
import { sortUpload } from '../../../src/receive/sort-upload.ts';
import { receiveUpload } from '../../../src/receive/upload.ts';
import type { Grouped } from '../../../src/recognise/files.ts';
import { sortIntoScans } from '../../../src/recognise/index-files.ts';
import { fixturesOf } from '../../support/contract/converter.ts';
import { hasPython } from '../../support/dicom-tools.ts';
import { readerIn } from '../../support/reader.ts';
import { installed, type NamedBytes, stage, temporaryFolder } from '../../support/staging.ts';

const folder = temporaryFolder();
const reader = readerIn(folder);
const fixture = (converter: string, name: string) => {
  const found = fixturesOf(installed.find(({ manifest }) => manifest.id === converter)!);
  return found.find((one) => one.name === name)!;
};

/** One scan of each kind; every sender names its files as it does. */
const scans = [
  ['nuctech-fs6000', 'two-containers'],
  ['ase', 'one-panel'],
  ['smiths-dataform', 'radiation-utf16'],
  ['rapiscan-p60', 'whole-export'],
  ['numpy-array', 'sidecar'],
  ['png', 'sixteen-bits'],
  ['tiff', 'pages'],
  ['jpeg', 'grey'],
  ['dicom', 'palette'],
] as const;
const expected = Object.fromEntries(
  scans.map(([converter, name]) => [
    converter,
    fixture(converter, name)
      .files.map((file) => file.name)
      .toSorted(),
  ]),
);

function filed(place: string, into: (converter: string) => string): string {
  for (const [converter, name] of scans) {
    const target = join(place, into(converter));
    mkdirSync(target, { recursive: true });
    for (const file of fixture(converter, name).files) writeFileSync(join(target, file.name), file.bytes);
  }
  return place;
}

const base = (name: string) => name.slice(name.lastIndexOf('/') + 1);
function byConverter({ groups, unknown, ambiguous }: Grouped) {
  expect([unknown, ambiguous]).toEqual([[], []]);
  expect(groups).toHaveLength(scans.length);
  return Object.fromEntries(
    groups.map(({ converter, files }) => [converter.id, files.map(({ name }) => base(name)).toSorted()]),
  );
}

async function sorted(path: string): Promise<Grouped> {
  const stagingDir = join(folder, `staging-${base(path)}`);
  mkdirSync(stagingDir, { recursive: true });
  async function* parts() {
    yield { name: base(path), stream: createReadStream(path) };
  }
  const deps = { stagingDir, limits: defaultLimits, reader, converters: installed };
  const { files } = await receiveUpload(deps, parts(), 'a');
  return sortUpload(deps, files, { caller: 'a' });
}

describe('scans of many senders mixed together', () => {
  const flat = filed(join(folder, 'flat'), () => 'all');
  const nested = filed(join(folder, 'nested'), (converter) => `lane/${converter}`);
  const archive = (kind: 'zip' | 'tar', source: string) => {
    const path = join(folder, `${base(source)}.${kind}`);
    const module = kind === 'zip' ? 'zipfile' : 'tarfile';
    execFileSync('/usr/bin/python3', ['-m', module, '-c', path, ...readdirSync(source)], { cwd: source });
    return path;
  };

  it.runIf(hasPython()).each(['zip', 'tar'] as const)(
    'in a %s, in one folder or in several, are told apart',
    async (kind) => {
      expect(byConverter(await sorted(archive(kind, flat)))).toEqual(expected);
      expect(byConverter(await sorted(archive(kind, nested)))).toEqual(expected);
    },
  );

  it('in a folder of this machine are converted one by one', async () => {
    const found: Record<string, readonly string[]> = {};
    for await (const outcome of convertLocal({ converters: installed, limits: defaultLimits }, [flat])) {
      if (outcome.kind !== 'scan') throw new Error(JSON.stringify(outcome));
      const { group, result } = outcome;
      expect(result.scan.converter.id).toBe(group.converter.id);
      found[group.converter.id] = group.files.map(({ name }) => base(name)).toSorted();
    }
    expect(found).toEqual(expected);
  });
});

describe('files that an index names', () => {
  const smiths = fixture('smiths-dataform', 'radiation-utf16');
  const group = async (files: readonly NamedBytes[]) => {
    const grouped = await sortIntoScans(stage(folder, files), installed, defaultLimits);
    return grouped.groups.map(({ converter, groupKey, files: of }) => [
      converter.id,
      groupKey,
      Object.fromEntries(of.map(({ name, role }) => [name, role])),
    ]);
  };

  it('join it in any case, from any folder, those of the own folder first', async () => {
    const [form] = smiths.files.filter(({ name }) => name.endsWith('.xml'));
    const [picture] = smiths.files.filter(({ name }) => name.endsWith('S.jpg'));
    const other = smiths.files.map(({ name, bytes }) => ({ name: `b/${name}`, bytes }));
    expect(
      await group([
        { name: 'a/FORM.XML', bytes: form!.bytes },
        { name: `a/pictures/${picture!.name.toUpperCase()}`, bytes: picture!.bytes },
      ]),
    ).toEqual([
      [
        'smiths-dataform',
        smiths.expected.groupKey,
        { 'a/FORM.XML': 'metadata', [`a/pictures/${picture!.name.toUpperCase()}`]: 'picture' },
      ],
    ]);
    expect(await group(other)).toHaveLength(1);
  });

  it('stay on their own where the index cannot be read', async () => {
    const cut = smiths.files
      .filter(({ name }) => /\.xml$|S\.jpg$/.test(name))
      .map(({ name, bytes }) => ({
        name: name.replace('.xml', '-1.xml'),
        bytes: name.endsWith('xml') ? bytes.slice(0, 600) : bytes,
      }));
    expect((await group(cut)).map(([id]) => id)).toEqual(['smiths-dataform', 'jpeg']);
  });
});

describe('our own record beside the files of a scan', () => {
  it('is kept with them and not read', async () => {
    const place = join(folder, 'own');
    mkdirSync(place);
    const files = fixture('dicom', 'palette').files;
    for (const { name, bytes } of files) writeFileSync(join(place, name), bytes);
    const outcomesOf = async () => {
      const outcomes: LocalOutcome[] = [];
      const tools = { converters: installed, limits: defaultLimits };
      for await (const outcome of convertLocal(tools, [place])) outcomes.push(outcome);
      return outcomes;
    };
    const [first] = await outcomesOf();
    if (first?.kind !== 'scan') throw new Error(JSON.stringify(first));
    writeFileSync(join(place, 'scan.json'), scanJsonBytes(first.result.scan));
    const again = await outcomesOf();
    expect(again).toHaveLength(1);
    const [second] = again;
    if (second?.kind !== 'scan') throw new Error(JSON.stringify(second));
    expect(second.result.scan.views).toEqual(first.result.scan.views);
    expect(second.result.scan.warnings).toContainEqual(
      expect.objectContaining({ code: 'NII_W_FILE_UNUSED', field: 'own/scan.json' }),
    );
  });

  it('alone is unknown', async () => {
    const bytes = new TextEncoder().encode('{"acquired":{},"attachments":[]}');
    const { unknown } = await sortIntoScans(
      stage(folder, [{ name: 'scan.json', bytes }]),
      installed,
      defaultLimits,
    );
    expect(unknown.map(({ name }) => name)).toEqual(['scan.json']);
    const array = { name: 'x.npy', bytes: writeNpy('<u2', [2, 2], new Uint8Array(8)) };
    const beside = await sortIntoScans(
      stage(folder, [{ name: 'scan.json', bytes }, array]),
      installed,
      defaultLimits,
    );
    expect(beside.groups[0]?.files.map(({ role }) => role)).toEqual(['image', 'companion']);
  });
});
