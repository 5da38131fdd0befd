import Type from 'typebox';
import type { CabBand } from '../../core/scan/cab.ts';
import type { View } from '../../core/scan/scan.ts';
import type { PictureMask } from '../../format/cab-mask.ts';
import type { OverlayBox } from '../../format/overlay-legend.ts';
import type { Desk } from '../reader.ts';
import { taskKind } from '../task-kind.ts';

/** A picture that is drawn when it is asked for. */
export type PictureTask = PictureWork & { readonly desk: Desk };

export type PictureWork = MaterialWork | OverlayWork | MaskedWork;

export interface MaterialWork {
  readonly kind: 'material';
  readonly view: View;
  /** Files in the input with all samples of a channel. */
  readonly planes: readonly { readonly channel: string; readonly file: string }[];
  /** Painted over. */
  readonly mask: readonly CabBand[];
}

export interface OverlayWork {
  readonly kind: 'overlay';
  readonly display: View['display'];
  /** The stored map: a file in the input. */
  readonly map: string;
  /** Sides of the preview, and boxes in its pixels. */
  readonly rows: number;
  readonly columns: number;
  readonly boxes: readonly OverlayBox[];
  /** Left empty. */
  readonly mask: readonly CabBand[];
}

/** A stored picture of which a part is painted over. */
export interface MaskedWork extends PictureMask {
  readonly kind: 'masked';
  /** The stored PNG: a file in the input. */
  readonly picture: string;
  readonly paint: 'neutral' | 'nothing';
}

/** Where the reader leaves the PNG. */
export const PICTURE_FILE = 'picture';

/** @throws NII_NO_MATERIAL */
export const pictureTask = taskKind<PictureTask>('picture', 'view').answers(
  Type.Object({ sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) }),
);
