import type { ImportedReport } from '../../src/sdk/sdk.ts';
import type { Image, Turned } from './image.ts';
import type { DicomSdk } from './tools.ts';

type Region = ImportedReport['objects'][number]['regions'][number];
type Triple = readonly [number, number, number];

/**
 * Regions as they lie in the samples of the record, where they refer to images that this service turned upright when it
 * wrote them. Regions in other images stay.
 */
export function inStoredSamples(
  reports: readonly ImportedReport[],
  images: readonly Image[],
  sdk: DicomSdk,
): readonly ImportedReport[] {
  const turned = new Map(
    images.flatMap(({ turned, dataSet }) => {
      const uid = sdk.dicom.text(dataSet, '00080018');
      return turned === undefined || uid === undefined ? [] : [[uid, turned] as const];
    }),
  );
  const regionOf = (region: Region): Region => {
    const [found] = region.references.flatMap((uid) => turned.get(uid) ?? []);
    return found === undefined ? region : { ...region, ...turnedBack(region, found, sdk) };
  };
  return reports.map((report) => ({
    ...report,
    objects: report.objects.map((one) => ({ ...one, regions: one.regions.map(regionOf) })),
  }));
}

function turnedBack({ base, extents, polygon }: Region, turned: Turned, sdk: DicomSdk): Partial<Region> {
  const corner = ([x, y, z]: Triple): Triple => {
    const [column, row] = sdk.dicom.storedCorner([x, y], turned, turned.turn);
    return [column, row, z];
  };
  const box = base === undefined || extents === undefined ? undefined : boxOf(base, extents, corner);
  return { ...box, ...(polygon === undefined ? {} : { polygon: outlineOf(polygon, corner) }) };
}

function boxOf(
  [x = 0, y = 0, z = 0]: readonly number[],
  [width = 0, height = 0, depth = 0]: readonly number[],
  corner: (point: Triple) => Triple,
): Pick<Region, 'base' | 'extents'> {
  const [one, other] = [corner([x, y, z]), corner([x + width, y + height, z])];
  const least = [Math.min(one[0], other[0]), Math.min(one[1], other[1]), z];
  return { base: least, extents: [Math.abs(one[0] - other[0]), Math.abs(one[1] - other[1]), depth] };
}

/** Two points are the least and the greatest corner of a box; more are corners, one after the other. */
function outlineOf(polygon: readonly number[], corner: (point: Triple) => Triple): number[] {
  const points = Array.from({ length: Math.floor(polygon.length / 3) }, (_, i) =>
    corner([polygon[i * 3] ?? 0, polygon[i * 3 + 1] ?? 0, polygon[i * 3 + 2] ?? 0]),
  );
  const [first, second] = points;
  if (points.length !== 2 || first === undefined || second === undefined) return points.flat();
  const least = first.map((value, i) => Math.min(value, second[i] ?? value));
  return [...least, ...first.map((value, i) => Math.max(value, second[i] ?? value))];
}
