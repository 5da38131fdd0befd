import type { ScanWithSources } from '../../core/scan/plane-source.ts';
import type { ModelManifest } from '../../infer/manifest.ts';

/**
 * The scan as a scanner would have sent it that has as many energies as the model is for: where a model asks for a
 * channel that stands alone, of several of its kind the high one is left.
 */
export function withEnergiesFor(
  { scan, ...rest }: ScanWithSources,
  { input }: Pick<ModelManifest, 'input'>,
): ScanWithSources {
  const alone = input.channels.filter(({ energy }) => energy === 'single').map(({ kind }) => kind);
  const views = scan.views.map((view) => ({
    ...view,
    channels: view.channels.filter(
      ({ kind, energy }) => !alone.some((one) => one === kind) || energy === 'high' || energy === 'single',
    ),
  }));
  return { ...rest, scan: { ...scan, views } };
}
