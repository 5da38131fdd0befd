import type { ConvertedView, ConverterFile, Sdk } from '../../src/sdk/sdk.ts';

const CHANNEL = 'display';

export interface Picture {
  readonly view: ConvertedView;
  /** Its only one. */
  readonly channel: string;
  readonly samples: Uint8Array;
}

/**
 * The rendered picture that comes ahead of the channels, as a channel for people; undefined where none came or none
 * can be read. Once a channel is there the picture is an attachment.
 */
export async function pictureAhead(
  files: readonly ConverterFile[],
  viewId: string,
  sdk: Sdk,
): Promise<Picture | undefined> {
  const file = files.find(({ role }) => role === 'picture');
  const rendered = file === undefined ? undefined : await sdk.rendered(file, CHANNEL);
  if (rendered === undefined) return undefined;
  sdk.warn('NII_W_PREVIEW_ONLY');
  if (rendered.lossy) sdk.warn('NII_W_LOSSY', { field: CHANNEL, value: 'ISO_10918_1' });
  // A rendered picture is upright already
  const display = { flipRows: false, rotate: 0, flipColumns: false } as const;
  return {
    view: { id: viewId, display, channels: [rendered.channel] },
    channel: CHANNEL,
    samples: rendered.samples,
  };
}
