import { expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { fixturesOf } from '../../support/contract/converter.ts';
import {
  converterOf,
  installed,
  type NamedBytes,
  onlyGroup,
  sha256,
  stage,
  temporaryFolder,
  toConvert,
} from '../../support/staging.ts';

const folder = temporaryFolder();
const fs6000 = fixturesOf(installed.find(({ manifest }) => manifest.id === 'nuctech-fs6000')!);
const { files, expected } = fs6000.find(({ name }) => name === 'two-containers')!;
const pixels = files.filter(({ name }) => name.endsWith('.img'));
const convert = (named: readonly NamedBytes[]) => {
  const group = onlyGroup(stage(folder, named));
  return runInProcess({ converter: converterOf(group), files: toConvert(group), limits: defaultLimits });
};
const body = '<IDR_IMAGE><container_no>CSQU3054383</container_no></IDR_IMAGE>';
const refused = [
  [
    'a document type',
    `<!DOCTYPE IDR [<!ENTITY x "CSQU3054383">]><IDR><container_no>&x;</container_no></IDR>`,
  ],
  ['an external document type', `<!DOCTYPE IDR SYSTEM "file:///etc/hostname"><IDR>${body}</IDR>`],
  ['an entity inside', `<IDR>${body}<!ENTITY x "y"></IDR>`],
  ['a second root', `<IDR>${body}</IDR><IDR>${body}</IDR>`],
  ['elements that are nested too deeply', `<IDR>${'<a>'.repeat(500)}${'</a>'.repeat(500)}${body}</IDR>`],
  ['no end', `<IDR>${body}`],
  ['more bytes than are read', `<IDR>${body}${' '.repeat(17 * 1024 * 1024)}</IDR>`],
] as const;

it.each(refused)(
  'an XML with %s beside good channels is a warning, and nothing of it is read',
  async (_, text) => {
    const { scan, planes } = await convert([...pixels, { name: 's1.xml', bytes: Buffer.from(text) }]);
    const samples = Object.fromEntries([...planes].map(([key, plane]) => [key, sha256(plane)]));
    expect(samples).toEqual(
      Object.fromEntries(
        Object.entries(expected.channels ?? {}).map(([key, channel]) => [key, channel.sha256]),
      ),
    );
    expect(scan.completeness).toBe('full');
    expect(scan.warnings).toContainEqual(
      expect.objectContaining({ code: 'NII_W_FIELD_MALFORMED', field: 's1.xml' }),
    );
    expect(scan.units.flatMap(({ containers }) => containers)).toEqual([]);
    expect(Object.keys(scan.vendor)).not.toContain('s1.xml');
    expect(scan.originals.map(({ name }) => name)).toContain('s1.xml');
  },
);

it.each(refused)('an XML with %s that comes alone is refused', async (_, text) => {
  const alone = async () => convert([{ name: 's1.xml', bytes: Buffer.from(text) }]);
  await expect(alone()).rejects.toMatchObject({
    code: expect.stringMatching(/^NII_(TRUNCATED|UNKNOWN_FORMAT)$/),
  });
});
