import { describe, expect, test } from 'vitest';
import { chooseModels, MOST_MODELS, selectChannels } from '../../../src/infer/choose.ts';
import type { ModelManifest } from '../../../src/infer/manifest.ts';
import { manifestOf } from '../../support/infer/models.ts';
import { channelOf, scanOf, viewOf, without } from '../../support/infer/scans.ts';

const dual = { manifest: manifestOf(new Uint8Array()) };
const single = { manifest: singleEnergy({ id: 'single' }) };

function singleEnergy(changes: Partial<ModelManifest>): ModelManifest {
  const { input } = dual.manifest;
  return manifestOf(new Uint8Array(), {
    input: { ...input, channels: [{ kind: 'transmission', energy: 'any' }] },
    ...changes,
  });
}

const high = channelOf(4, 4);
const low = channelOf(4, 4, { id: 'low', energy: 'low' });
const material = channelOf(4, 4, { id: 'material', kind: 'class-map', bitsAllocated: 8, polarity: 'none' });
const unknown = channelOf(4, 4, { id: 'ch0', kind: 'unknown', polarity: 'unknown' });

describe('which model looks', () => {
  const looking = (...models: readonly unknown[]) => ({ models, tooMany: [] });

  test('every one that fits looks: with both energies the dual-energy model leads, with one it does not fit', () => {
    const models = [single, dual];
    expect(chooseModels(scanOf([viewOf([material, low, high])]), models)).toEqual(looking(dual, single));
    expect(chooseModels(scanOf([viewOf([high])]), models)).toEqual(looking(single));
    const ofSingle = scanOf([viewOf([channelOf(4, 4, { energy: 'single' })])]);
    expect(chooseModels(ofSingle, models)).toEqual(looking(single));
  });

  test('of as many channels the first id leads, in whichever order they are installed', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ manifest: singleEnergy({ id }) }));
    for (const models of [
      [a, b, c],
      [c, a, b],
    ])
      expect(
        chooseModels(
          scanOf([viewOf([high])]),
          models.flatMap((one) => one ?? []),
        ),
      ).toEqual(looking(a, b, c));
  });

  test('of one model the newest version, number by number, and no other beside it', () => {
    const versions = ['2', '10', '9.1'].map((version) => ({ manifest: singleEnergy({ version }) }));
    expect(chooseModels(scanOf([viewOf([high])]), versions)).toEqual(looking(versions[1]));
  });

  test('of too many the last ones do not look, and are named', () => {
    const ids = Array.from({ length: MOST_MODELS + 2 }, (_, i) => `model-${i}`);
    const models = ids.map((id) => ({ manifest: singleEnergy({ id }) }));
    expect(chooseModels(scanOf([viewOf([high])]), models)).toEqual({
      models: models.slice(0, MOST_MODELS),
      tooMany: models.slice(MOST_MODELS),
    });
  });

  test('without any model the reason says so', () => {
    expect(chooseModels(scanOf([viewOf([high])]), [])).toEqual({ reason: 'No model is installed' });
  });

  test.each([
    ['an energy is missing', [viewOf([high])], /needs a low-energy transmission channel/],
    ['nothing says what the channels are', [viewOf([unknown])], /unknown what the channels/],
    ['there is a class map only', [viewOf([material])], /only a class map/],
    [
      'a picture came',
      [viewOf([channelOf(4, 4, { kind: 'display', polarity: 'none' })])],
      /only a rendered picture/,
    ],
    ['there is backscatter only', [viewOf([channelOf(4, 4, { kind: 'backscatter' })])], /only backscatter/],
    ['there is no view', [], /no channels/],
    [
      'the channels differ in size',
      [viewOf([high, channelOf(4, 5, { id: 'low', energy: 'low' })])],
      /differ in rows or columns/,
    ],
    ['a channel has frames', [viewOf([low, channelOf(4, 4, { frames: 2 })])], /several frames/],
    [
      'a channel is colour',
      [viewOf([low, channelOf(4, 4, { samplesPerPixel: 3 })])],
      /several samples per pixel/,
    ],
  ])('none when %s', (_, views, reason) => {
    const choice = chooseModels(scanOf(views), [dual]);
    expect(choice).toMatchObject({ reason: expect.stringMatching(reason), nearest: dual });
  });

  test('the first view with every channel is taken, and channels without energy are not guessed apart', () => {
    const top = viewOf([high, low], {}, 'top');
    expect(selectChannels(scanOf([viewOf([high]), top]), dual.manifest)).toMatchObject({ view: top });
    const nameless = without(high, 'energy');
    expect(selectChannels(scanOf([viewOf([nameless])]), single.manifest)).toMatchObject({
      channels: [nameless],
    });
    const two = viewOf([nameless, { ...nameless, id: 'other' }]);
    expect(selectChannels(scanOf([two]), single.manifest)).toMatchObject({
      reason: expect.stringMatching(/several/),
    });
  });

  test('a model of single channels leaves a scan with two energies alone', () => {
    const channels = [{ kind: 'transmission' as const, energy: 'single' as const }];
    const only = { manifest: manifestOf(new Uint8Array(), { input: { ...dual.manifest.input, channels } }) };
    expect(chooseModels(scanOf([viewOf([material, high])]), [only])).toEqual(looking(only));
    expect(chooseModels(scanOf([viewOf([high, low])]), [only])).toMatchObject({
      reason: "The model is for one transmission channel and view 'side' has 2",
    });
    const films = [high, low].map((channel) => ({ ...channel, frames: 2 }));
    expect(chooseModels(scanOf([viewOf(films)]), [dual, only])).toMatchObject({
      reason: expect.stringMatching(/several frames/),
      nearest: dual,
    });
    expect(chooseModels(scanOf([viewOf(films.slice(1))]), [dual, only])).toMatchObject({
      reason: expect.stringMatching(/several frames/),
      nearest: only,
    });
  });

  test('the purpose of a scan makes no difference', () => {
    const scan = { ...scanOf([viewOf([high, low])]), purpose: 'training' as const };
    expect(chooseModels(scan, [dual])).toEqual(looking(dual));
  });
});
