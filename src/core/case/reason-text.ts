import { defined } from '../defined.ts';
import type { LoadKind } from './finding.ts';

/** Facts that the text of the queue reason `model` adds to the percentile of the case. */
export interface ModelReasonFacts {
  /** The kind of the load, and the percentile among scans with such loads. */
  readonly alike?: { readonly load: LoadKind; readonly percentile: number };
  /** The score is that of the whole image, because the place of the object in it is unknown. */
  readonly isOfWholePicture: boolean;
  /** The model with the highest percentile, as id@version, and the number of models that gave one. */
  readonly highestOf?: { readonly model: string; readonly models: number };
}

const loadWords: Readonly<Record<LoadKind, string>> = {
  empty: 'nothing in them',
  homogeneous: 'an even load',
  heterogeneous: 'a mixed load',
};

const WHOLE = ' (score of the whole picture)';

/** Formats these facts as the end of the text; `parseModelReason` reads them back. */
export function formatModelReason({ alike, isOfWholePicture, highestOf }: ModelReasonFacts): string {
  const among =
    alike === undefined
      ? ''
      : `, and than ${formatPercentile(alike.percentile)} % of those with ${loadWords[alike.load]}`;
  const byWhom =
    highestOf === undefined ? '' : ` [${highestOf.model}, highest of ${highestOf.models} models]`;
  return `${among}${isOfWholePicture ? WHOLE : ''}${byWhom}`;
}

/** Reads the facts from the text of a reason, so that a page can show them in another language. */
export function parseModelReason(text: string): ModelReasonFacts {
  const [, percentile, words] =
    / than ([\d.]+) % of those with (nothing in them|an even load|a mixed load)/.exec(text) ?? [];
  const [, model, models] = / \[(\S+), highest of (\d+) models\]$/.exec(text) ?? [];
  const load = (['empty', 'homogeneous', 'heterogeneous'] as const).find((one) => loadWords[one] === words);
  return {
    isOfWholePicture: text.includes(WHOLE),
    ...defined({
      alike: load && { load, percentile: Number(percentile) },
      highestOf: model === undefined ? undefined : { model, models: Number(models) },
    }),
  };
}

/** One decimal, never rounded up to 100. */
export function formatPercentile(percentile: number): string {
  return String(Math.floor(percentile * 10) / 10);
}
