import type { Point } from '../../viewer/geometry.ts';
import { isMasked } from '../../viewer/masked.ts';
import type { Picture } from '../../viewer/picture.ts';
import { words } from '../../words/words.ts';
import type { ViewReading } from './use-reading.ts';

interface Props {
  readonly reading: ViewReading;
  readonly foot: string | undefined;
}

/** The line below the picture: the window, the sample below the pointer, and what is not as it was measured. */
export function StateLine({ reading, foot }: Props) {
  const { picture, settings, filled } = reading;
  return (
    <div className="state">
      {settings !== undefined && (
        <span>{words('viewer.window', { low: settings.window.low, high: settings.window.high })}</span>
      )}
      <SampleBelow reading={reading} />
      {settings?.shown.kind === 'material' && isOfThisScan(picture) && (
        <span>{words('viewer.materialOfThisScan')}</span>
      )}
      {filled !== undefined && (
        <span>
          {words(reading.switches.isOn('as-measured') ? 'viewer.asMeasured' : 'viewer.filled', filled)}
        </span>
      )}
      <span className="end">{foot}</span>
    </div>
  );
}

/** The sample below the pointer. */
function SampleBelow({ reading: { picture, masked, shown, point } }: Pick<Props, 'reading'>) {
  if (point === undefined || picture === undefined || shown === undefined) return null;
  const { x: column, y: row } = point;
  const value = isMasked(masked, row, column) ? words('viewer.masked') : valueAt(picture, shown.id, point);
  return <span>{words('viewer.value', { row, column, value })}</span>;
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
