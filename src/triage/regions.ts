import type { Box } from '../core/case/box.ts';
import type { Region } from '../core/case/region.ts';
import { NiiError } from '../core/errors.ts';
import type { InspectionUnit, NiiScan, View } from '../core/scan/scan.ts';

/**
 * Regions lie within the image that was looked at, and touch the object of inspection that the verdict is of.
 *
 * @throws NII_BAD_REQUEST with the field and what is allowed
 */
export function checkRegions(
  { views, units }: Pick<NiiScan, 'views' | 'units'>,
  unitId: string,
  regions: readonly Region[],
  fieldOf: (i: number) => string = (i) => `regions.${i}`,
): void {
  const extent = units.find(({ id }) => id === unitId)?.extent;
  for (const [i, region] of regions.entries()) {
    const field = fieldOf(i);
    const size = sidesAt(views, region, `${field}.`);
    const box = boxOf(region);
    checkSide(field, region, 'column', box.columnTo, size.columns);
    checkSide(field, region, 'row', box.rowTo, size.rows);
    checkEncloses(field, region);
    checkTouches(field, box, extent);
  }
}

/** The smallest box around a region; ends are exclusive. */
export function boxOf(region: Region): Box {
  const { view } = region;
  const xs = 'points' in region ? region.points.map(({ x }) => x) : [region.x, region.x + region.width];
  const ys = 'points' in region ? region.points.map(({ y }) => y) : [region.y, region.y + region.height];
  return {
    view,
    rowFrom: Math.min(...ys),
    rowTo: Math.max(...ys),
    columnFrom: Math.min(...xs),
    columnTo: Math.max(...xs),
  };
}

function invalidRegion(field: string, detail: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail, field });
}

type Place = Pick<Region, 'view' | 'channel'>;

/**
 * Rows and columns of the picture in which something lies.
 * @param before - of the names of its fields, in what a rejection says
 * @throws NII_BAD_REQUEST for a view or a channel that is not there
 */
export function sidesAt(views: readonly View[], place: Place, before: string): Size {
  return sizeOf(viewOf(views, place, before), place, before);
}

function viewOf(views: readonly View[], region: Place, before: string): View {
  const view = views.find(({ id }) => id === region.view);
  if (view !== undefined) return view;
  throw invalidRegion(
    `${before}view`,
    `Invalid view "${region.view}": use ${views.map(({ id }) => id).join(', ')}`,
  );
}

interface Size {
  readonly rows: number;
  readonly columns: number;
}

function sizeOf({ id, channels }: View, { channel }: Place, before: string): Size {
  const names = channels.map((one) => one.id).join(', ');
  const named = channels.filter((one) => channel === undefined || one.id === channel);
  const [first] = named;
  if (first === undefined)
    throw invalidRegion(`${before}channel`, `Invalid channel "${channel}": use ${names}`);
  if (named.every(({ rows, columns }) => rows === first.rows && columns === first.columns)) return first;
  throw invalidRegion(
    `${before}channel`,
    `The channels of view "${id}" differ in size: name one of ${names}`,
  );
}

function checkSide(field: string, region: Region, side: 'column' | 'row', end: number, size: number): void {
  if (end <= size) return;
  const part = 'points' in region ? 'points' : { column: 'width', row: 'height' }[side];
  const detail = `The region ends at ${side} ${end - 1}: view "${region.view}" has ${side}s 0 to ${size - 1}`;
  throw invalidRegion(`${field}.${part}`, detail);
}

/** Twice the area by the corners, which is 0 for a line. */
function checkEncloses(field: string, region: Region): void {
  if (!('points' in region)) return;
  const { points } = region;
  const area = points.reduce((sum, { x, y }, i) => {
    const next = points[(i + 1) % points.length] ?? { x, y };
    return sum + x * next.y - next.x * y;
  }, 0);
  if (area === 0)
    throw invalidRegion(
      `${field}.points`,
      'Invalid points: all corners are on one line; use corners that enclose an area',
    );
}

/** Another object of inspection in the same image has a case of its own. */
function checkTouches(field: string, box: Box, extent: InspectionUnit['extent']): void {
  if (extent === undefined || extent.view !== box.view) return;
  const { axis, from, to } = extent;
  const [begin, end] = axis === 'columns' ? [box.columnFrom, box.columnTo] : [box.rowFrom, box.rowTo];
  if (begin < to && end > from) return;
  const detail = `The region is outside of this object of inspection, which has ${axis} ${from} to ${to - 1}`;
  throw invalidRegion(field, detail);
}
