import type { Lines } from '../../../core/cab/cab.ts';
import type { Point } from '../../viewer/geometry.ts';
import { isMasked } from '../../viewer/masked.ts';
import type { Picture } from '../../viewer/picture.ts';
import type { Plane } from '../../viewer/plane.ts';
import type { ViewSettings } from '../../viewer/settings.ts';
import { words } from '../../words/words.ts';
import type { Channel } from '../loading/samples.ts';

interface Props {
  readonly picture: Picture | undefined;
  /** Lines of the view that the policy masks. */
  readonly masked: readonly Lines[];
  readonly settings: ViewSettings | undefined;
  readonly shown: Channel | undefined;
  /** The sample below the pointer. */
  readonly point: Point | undefined;
  readonly filled: Plane['filled'];
  readonly isAsMeasured: boolean;
  readonly foot: string | undefined;
}

/** The line below the picture: the window, the sample below the pointer, and what is not as it was measured. */
export function StateLine({ picture, masked, settings, shown, point, filled, isAsMeasured, foot }: Props) {
  return (
    <div className="state">
      {settings !== undefined && (
        <span>{words('viewer.window', { low: settings.window.low, high: settings.window.high })}</span>
      )}
      {point !== undefined && picture !== undefined && shown !== undefined && (
        <span>
          {words('viewer.value', {
            row: point.y,
            column: point.x,
            value: isMasked(masked, point.y, point.x)
              ? words('viewer.masked')
              : valueAt(picture, shown.id, point),
          })}
        </span>
      )}
      {settings?.shown.kind === 'material' && isOfThisScan(picture) && (
        <span>{words('viewer.materialOfThisScan')}</span>
      )}
      {filled !== undefined && (
        <span>{words(isAsMeasured ? 'viewer.asMeasured' : 'viewer.filled', filled)}</span>
      )}
      <span className="end">{foot}</span>
    </div>
  );
}

/** Colours that only compare goods of this scan, because its energies have no curves of their own. */
function isOfThisScan(picture: Picture | undefined): boolean {
  const material = picture?.material;
  return material?.kind === 'two-energies' && material.dual.calibrated === 'by-this-scan';
}

function valueAt(picture: Picture, id: string, { x, y }: Point) {
  const sample = picture.planes.get(id)?.read(0, { row: y, column: x, rows: 1, columns: 1 });
  return sample?.[0] ?? '–';
}
