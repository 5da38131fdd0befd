import Type, { type Static, type TProperties } from 'typebox';

const ScanId = Type.String({ minLength: 1 });
const Revision = Type.Integer({ minimum: 1 });
const ofRevision = { scanId: ScanId, revision: Revision };

function jobOf<Kind extends string, Payload extends TProperties>(kind: Kind, payload: Payload) {
  return Type.Object({
    id: Type.String({ description: 'Kind, subject and cause: the same work is queued once' }),
    kind: Type.Literal(kind),
    payload: Type.Object(payload),
  });
}

/** Work for later, by kind, with what it is about. The one list of kinds. */
export const Job = Type.Union([
  jobOf('convert', ofRevision),
  /** The same for what a portal wrote, which may hold a vehicle: before images, and within a limit of its own. */
  jobOf('read-radiation', ofRevision),
  jobOf('analyse', ofRevision),
  jobOf('shadow', ofRevision),
  jobOf('triage', ofRevision),
  jobOf('rejoin-declaration', {
    administration: Type.String(),
    ref: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    containers: Type.Array(Type.String(), { description: 'That the declaration names or named' }),
  }),
  jobOf('join-radiation', {
    scanId: ScanId,
    administration: Type.String(),
    site: Type.String(),
    isOfRecord: Type.Optional(Type.Literal(true, { description: 'Its alarms are not in force before' })),
  }),
  jobOf('notify-lane', { scanId: ScanId }),
  /** Something became known of the vehicle of a scan, which may have left. */
  jobOf('watch-passages', { scanId: ScanId }),
]);
export type Job = Readonly<Static<typeof Job>>;

export type JobKind = Job['kind'];
export type JobOf<Kind extends JobKind> = Extract<Job, { readonly kind: Kind }>;

export const jobKinds: readonly JobKind[] = Job.anyOf.map(({ properties }) => properties.kind.const);

/** What a worker holds while it works on a job. */
export interface Lease {
  /** How often the job has been started, this time included. */
  readonly attempts: number;
  /** Proof of the lease; completing with another's token changes nothing. */
  readonly token: string;
}

export type ClaimedJob<Kind extends JobKind = JobKind> = JobOf<Kind> & Lease;

/** Uploads that are rejected while too many jobs wait. A full queue of images rejects no radiation record. */
export type UploadQueue = 'images' | 'radiation';

/**
 * The queue that a waiting job fills: what a scan needs before analysts see it, or a record before it holds a vehicle. An
 * unreachable lane is no reason to reject uploads.
 */
export const queueOf: Readonly<Record<JobKind, UploadQueue | 'none'>> = {
  convert: 'images',
  'read-radiation': 'radiation',
  analyse: 'images',
  shadow: 'none',
  triage: 'none',
  'rejoin-declaration': 'none',
  'join-radiation': 'none',
  'notify-lane': 'none',
  'watch-passages': 'none',
};

/** What makes a record of the originals. Its sender is charged for the time that it takes. */
export function isConversion(kind: JobKind): kind is 'convert' | 'read-radiation' {
  return kind === 'convert' || kind === 'read-radiation';
}
