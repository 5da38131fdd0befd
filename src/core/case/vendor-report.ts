import Type, { type Static } from 'typebox';
import { defined } from '../defined.ts';
import { AlarmDecision, type ImportedReport, type NiiScan, type View } from '../scan/scan.ts';
import { Box } from './box.ts';

/** What the automatic threat recognition of a vendor said of a scan: shown beside our models, and scored apart. */

/** Places that are listed of one scan; the rest is counted. */
const MOST_PLACES = 1024;

const VendorFinding = Type.Object(
  {
    label: Type.String({ description: 'Category as written in the report, or object' }),
    description: Type.Optional(Type.String()),
    assessment: Type.Optional(Type.String({ description: 'As written in the report' })),
    probability: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'As stated in the report; not compared with other scores',
      }),
    ),
    box: Type.Optional(Box),
  },
  { additionalProperties: false },
);

export const VendorReport = Type.Object(
  {
    number: Type.Integer({ minimum: 1, description: 'Number of its file: tdr/imported-<number>.dcs' }),
    algorithm: Type.String({
      description: 'Algorithm and version as named in the report',
    }),
    decision: AlarmDecision,
    verdict: Type.Optional(Type.String({ description: 'As written in the file, if it uses its own words' })),
    abortReason: Type.Optional(Type.String()),
    at: Type.Optional(Type.String({ format: 'date-time' })),
    text: Type.Optional(Type.String()),
    findings: Type.Array(VendorFinding),
    omitted: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Number of objects omitted here; the file contains all' }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'Result of a vendor algorithm for the scan. It does not affect percentiles or the place in the queue',
  },
);
export type VendorReport = Static<typeof VendorReport>;

/** Where a report does not say which algorithm made it. */
const UNNAMED = 'not named';

/** Reports of machines that came with the scan, in the order of the record. */
export function vendorReportsOf(scan: Pick<NiiScan, 'reports' | 'views'>): readonly VendorReport[] {
  let left = MOST_PLACES;
  return (scan.reports ?? []).flatMap((report, i) => {
    if (report.type !== 'MACHINE') return [];
    const { decision, verdict, abortReason, text, objects } = report;
    const shown = objects.slice(0, left);
    left -= shown.length;
    const omitted = objects.length - shown.length;
    return {
      number: i + 1,
      algorithm: algorithmOf(report),
      decision,
      ...defined({ verdict, abortReason, at: report.at?.utc, text }),
      findings: shown.map((one) => findingOf(scan, one)),
      ...defined({ omitted: omitted === 0 ? undefined : omitted }),
    };
  });
}

export function algorithmOf({ by = '' }: Pick<ImportedReport, 'by'>): string {
  return by.trim() === '' ? UNNAMED : by;
}

type Reported = ImportedReport['objects'][number];

function findingOf(scan: Pick<NiiScan, 'views'>, reported: Reported): VendorReport['findings'][number] {
  const { category = 'object', description, assessment, probability, regions } = reported;
  const box = boxOf(scan, regions);
  return { label: category, ...defined({ description, assessment, probability, box }) };
}

/**
 * Around the first region that says where it lies, within the image. Undefined of a scan with several views, since
 * nothing says in which of them a region lies.
 */
function boxOf({ views }: Pick<NiiScan, 'views'>, regions: Reported['regions']): Box | undefined {
  const [view, ...others] = views;
  if (view === undefined || others.length > 0) return undefined;
  for (const region of regions) {
    const corners = cornersOf(region);
    if (corners.length > 0) return around(view, corners);
  }
  return undefined;
}

/** Column and row. */
type Corner = readonly [column: number, row: number];

function cornersOf({ base, extents, polygon = [] }: Reported['regions'][number]): readonly Corner[] {
  const [column, row] = base ?? [];
  const [width, height] = extents ?? [];
  if (column !== undefined && row !== undefined && width !== undefined && height !== undefined)
    return [
      [column, row],
      [column + width, row + height],
    ];
  return Array.from({ length: Math.floor(polygon.length / 3) }, (_, i) => [
    polygon[i * 3] ?? 0,
    polygon[i * 3 + 1] ?? 0,
  ]);
}

/** Whole samples within the image; undefined where nothing of it lies in there. */
function around({ id, channels }: View, corners: readonly Corner[]): Box | undefined {
  const columns = Math.max(0, ...channels.map((channel) => channel.columns));
  const rows = Math.max(0, ...channels.map((channel) => channel.rows));
  const [columnFrom, columnTo] = spanOf(
    corners.map(([column]) => column),
    columns,
  );
  const [rowFrom, rowTo] = spanOf(
    corners.map(([, row]) => row),
    rows,
  );
  if (columnFrom >= columnTo || rowFrom >= rowTo) return undefined;
  return { view: id, rowFrom, rowTo, columnFrom, columnTo };
}

function spanOf(values: readonly number[], side: number): readonly [from: number, to: number] {
  return [Math.max(0, Math.floor(Math.min(...values))), Math.min(side, Math.ceil(Math.max(...values)))];
}
