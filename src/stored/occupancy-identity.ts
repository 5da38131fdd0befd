import { defined } from '../core/defined.ts';
import type { OccupancyIdentity } from '../core/radiation/hold.ts';
import type { RadiationRecord } from '../core/radiation/radiation.ts';
import { sha256OfFields } from './identity.ts';

/**
 * Which occupancy of which portal a record tells of, so that a log that has grown, or comes once more, opens no second
 * hold. What is compared is decided in triage/same-occupancy.ts; shared facts of portals are in decision 21.
 */

/** Where a radiation record was received, and by what its portal is known if it names none. */
export interface PortalPlace {
  readonly administration: string;
  readonly site: string;
  /** Of the file, or sent with it. */
  readonly lane?: string;
  readonly sender: string;
  /** Of the file, as scans are grouped. */
  readonly stem: string;
}

/**
 * The identity of each occupancy of one file, in the order of the file, or of those that are wanted.
 *
 * With a time: the portal and the start. Its number is compared beside, because an occupancy that goes on has none yet.
 * Without one: the UUID of its document, or the number and all that was measured. Two of one file that are equal in that
 * are two: nothing tells. What has neither a time nor an end is one of the unidentified of its portal.
 */
export function identitiesOf(
  place: PortalPlace,
  records: readonly RadiationRecord[],
  isWanted: (recordId: string) => boolean = () => true,
): readonly OccupancyIdentity[] {
  const seen = new Map<string, number>();
  // How often one without a time stood there before counts, so none of those is left out
  const some = records.filter(({ id, occupancy: { start } }) => start?.utc === undefined || isWanted(id));
  const identities = some.map((record) => {
    const content = contentOf(place, record);
    const { kind, values } = namesOf(record, content);
    const name = [kind, ...values].join('\n');
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    const repeated = kind === 'number' && before > 0 ? [String(before + 1)] : [];
    return {
      key: sha256OfFields('occupancy', ...portalOf(place, record), kind, ...values, ...repeated),
      content,
      ended: record.occupancy.ended,
      ...defined({
        document: record.documentId,
        unidentified: kind === 'unidentified' ? (true as const) : undefined,
      }),
    };
  });
  return identities.filter((_, i) => isWanted(some[i]?.id ?? ''));
}

/** The key under which those of the portal stand that nothing identifies. */
export function unidentifiedKey(place: PortalPlace, record: RadiationRecord): string {
  return sha256OfFields('occupancy', ...portalOf(place, record), 'unidentified');
}

/** Serial number of the instrument, else the lane, else who sent the file and how it is named. */
function portalOf(place: PortalPlace, record: RadiationRecord): readonly string[] {
  const { administration, site, sender, stem } = place;
  return [administration, site, ...(namedPortal(place, record) ?? ['file', sender, stem])];
}

/** Undefined where neither the record nor the upload names the portal. */
function namedPortal({ lane }: PortalPlace, record: RadiationRecord): readonly string[] | undefined {
  const { manufacturer = '', serial } = record.instrument;
  if (serial !== undefined) return ['serial', manufacturer, serial];
  const written = record.lane ?? lane;
  return written === undefined ? undefined : ['lane', written];
}

interface Names {
  readonly kind: 'start' | 'document' | 'number' | 'unidentified';
  readonly values: readonly string[];
}

/** What names the occupancy within its portal. */
function namesOf({ documentId, occupancy }: RadiationRecord, content: string): Names {
  const { start, number, ended } = occupancy;
  if (start?.utc !== undefined) return { kind: 'start', values: [start.utc] };
  if (documentId !== undefined) return { kind: 'document', values: [documentId] };
  if (ended && number !== undefined) return { kind: 'number', values: [String(number), content] };
  return { kind: 'unidentified', values: [] };
}

/** What may differ between two readings of the same occupancy: its place in the file, and what a clock said. */
const unmeasured: ReadonlySet<string> = new Set([
  ...['id', 'documentId', 'start', 'end', 'at'],
  // a line that may come after the end of the occupancy, and what a version of ours judges
  ...['speedMetresPerSecond', 'notMeasured', 'over'],
  // the sums say the same, and records of before have no profile
  'profile',
]);

/**
 * SHA-256 of everything that was measured, without any time. Where the portal is known, it is of that portal: what only
 * the name of a file tells apart may be of one.
 */
function contentOf(place: PortalPlace, record: RadiationRecord): string {
  const portal = namedPortal(place, record) ?? [];
  return sha256OfFields('content', ...portal, canonical(record, unmeasured));
}

/** SHA-256 of all that the record says of an occupancy, and of what was sent beside it. */
export function printOf(record: RadiationRecord, beside: object): string {
  return sha256OfFields('print', canonical(record, new Set()), canonical(beside, new Set()));
}

/** JSON in which the order of names says nothing, without the properties that are left out. */
function canonical(value: object, without: ReadonlySet<string>): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner)
            .filter(([name]) => !without.has(name))
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : inner,
  );
}
