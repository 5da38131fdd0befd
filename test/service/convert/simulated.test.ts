import { expect, it } from 'vitest';
import { runInProcess } from '../../../src/convert/run.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { type Channel, channelsOf, type View } from '../../../src/core/scan/scan.ts';
import { ASE_PITCH_MM, aseFiles } from '../../../src/simulate/layouts/ase.ts';
import { nuctechFs6000Files } from '../../../src/simulate/layouts/nuctech-fs6000.ts';
import { numpyFiles } from '../../../src/simulate/layouts/numpy.ts';
import { simulateScan } from '../../../src/simulate/scan.ts';
import {
  converterOf,
  type NamedBytes,
  onlyGroup,
  stage,
  temporaryFolder,
  toConvert,
} from '../../support/staging.ts';

const folder = temporaryFolder();
const fine = simulateScan({ seed: 11, pitchMm: ASE_PITCH_MM, container: '20ft' });
const coarse = simulateScan({ seed: 12, pitchMm: 30, container: '2x20ft' });

function convert(files: readonly NamedBytes[]) {
  const group = onlyGroup(stage(folder, files));
  return runInProcess({ converter: converterOf(group), files: toConvert(group), limits: defaultLimits });
}

/** The picture as the view says it is shown: flip rows, turn counter-clockwise, mirror. */
function upright({ display }: View, { rows, columns }: Channel, plane: Uint8Array): number[] {
  const samples = plane.byteLength === rows * columns ? plane : new Uint16Array(plane.slice().buffer);
  const at = (row: number, column: number) =>
    samples[(display.flipRows ? rows - 1 - row : row) * columns + column] ?? -1;
  if (display.rotate === 0) return [...samples.keys()].map((i) => at(Math.floor(i / columns), i % columns));
  return [...samples.keys()].map((i) => at(i % rows, columns - 1 - Math.floor(i / rows)));
}

const cases = [
  ['nuctech-fs6000', coarse, nuctechFs6000Files(coarse, 'sim1'), ['high', 'low', 'material'], 'full'],
  ['ase, three panels', fine, aseFiles(fine, 'sim2', { panels: 3 }), ['high', 'low', 'material'], 'full'],
  ['ase, one panel', fine, aseFiles(fine, 'sim3'), ['high'], 'single-energy'],
  ['numpy', coarse, numpyFiles(coarse, 'sim4'), ['high', 'low'], 'no-material'],
] as const;

it.each(cases)(
  'a simulated scan in the layout %s comes back sample by sample and upright',
  async (...one) => {
    const [, scan, files, energies, completeness] = one;
    const result = await convert(files);
    expect(result.scan.completeness).toBe(completeness);
    const numbers = result.scan.units.flatMap(({ containers }) => containers);
    expect(numbers.map(({ value, state }) => [value, state])).toEqual(
      scan.units.map(({ container }) => [container, 'valid']),
    );
    const channels = channelsOf(result.scan).map((place) => ({
      ...place,
      name: place.channel.id.replace('single', 'high'),
    }));
    expect(new Set(channels.map(({ name }) => name))).toEqual(new Set(energies));
    for (const energy of energies) {
      const { view, channel, key } = channels.find(({ name }) => name === energy)!;
      expect(upright(view, channel, result.planes.get(key)!)).toEqual([...scan[energy]]);
    }
    expect(result.scan.warnings.map(({ code }) => code)).not.toContain('NII_W_ENERGY_ORDER');
  },
);

it('a low channel that is still being written leaves a scan without it', async () => {
  const files = nuctechFs6000Files(coarse, 'cut', {
    truncateLowTo: 4096,
    declaredEncoding: 'gb2312',
    bareAmpersand: true,
  });
  const { scan } = await convert(files);
  expect(scan.completeness).toBe('incomplete');
  expect(scan.units[0]?.description).toMatch(/ & PARTS$/);
  const codes = scan.warnings.map(({ code }) => code);
  expect(codes).toEqual(
    expect.arrayContaining(['NII_W_CHANNEL_INCOMPLETE', 'NII_W_ENCODING_WRONG', 'NII_W_XML_REPAIRED']),
  );
});
