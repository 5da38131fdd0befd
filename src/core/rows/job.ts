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
  jobOf('analyse', ofRevision),
  jobOf('shadow', ofRevision),
  jobOf('triage', ofRevision),
  jobOf('rejoin-declaration', {
    administration: Type.String(),
    ref: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    containers: Type.Array(Type.String(), { description: 'That the declaration names or named' }),
  }),
  jobOf('join-radiation', { scanId: ScanId, administration: Type.String(), site: Type.String() }),
  jobOf('notify-lane', { scanId: ScanId }),
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

/**
 * Whether the waiting jobs of a kind are a reason to reject uploads: what a scan needs before analysts see it. An
 * unreachable lane is none.
 */
export const holdsUploadsBack: Readonly<Record<JobKind, boolean>> = {
  convert: true,
  analyse: true,
  shadow: false,
  triage: false,
  'rejoin-declaration': false,
  'join-radiation': false,
  'notify-lane': false,
};
