import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { BaseBackups } from '../../core/ports/base-backups.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Reachable, Transactions } from '../../core/ports/transactions.ts';
import { failureOf } from '../../maintenance/keep-archive.ts';
import { findContainment } from '../../runtime/contain/containment.ts';
import { headersOf, PROBLEM_TYPE, problemDocument } from '../problems.ts';
import { type RouteContext, route } from '../route.ts';
import { type Answers, type ArchiveHealth, Live, NotReady, Ready } from '../schemas/answers.ts';

/** A part that does not respond within this time counts as unreachable. */
const PATIENCE_MS = 2_000;

export interface HealthDeps {
  readonly objects: Reachable;
  readonly records: Reachable & Transactions<Tx<'archiver'>>;
  readonly baseBackups: BaseBackups | undefined;
}

export const healthRoutes = [
  route({
    id: 'checkLive',
    method: 'GET',
    url: '/v1/health/live',
    tag: 'service',
    right: 'anyone',
    summary: 'Check that the process responds',
    schema: { response: { 200: Live } },
    handler:
      ({ version }: RouteContext) =>
      async (_request, reply) => {
        reply.header('cache-control', 'no-store');
        return { live: true as const, version };
      },
  }),
  route({
    id: 'checkReady',
    method: 'GET',
    url: '/v1/health/ready',
    tag: 'service',
    right: 'anyone',
    summary: 'Check that object store and database respond',
    schema: { response: { 200: Ready, 503: NotReady } },
    handler: (deps: HealthDeps) => async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const [store, database, archive] = await Promise.all([
        answers(deps.objects),
        answers(deps.records),
        archiveHealth(deps),
      ]);
      const { kind: contained } = await findContainment();
      if (store === 'ok' && database === 'ok')
        return { ready: true, store, database, contained, ...defined({ archive }) };
      const error = unreachableError(store);
      reply.headers(headersOf(error)).type(PROBLEM_TYPE);
      return reply.code(503).send({ ...problemDocument(error, request.id), store, database });
    },
  }),
];

function unreachableError(store: Answers): NiiError {
  if (store === 'away') return new NiiError('NII_STORE_UNREACHABLE', 'The object store is not responding');
  return new NiiError('NII_DATABASE_UNREACHABLE', 'The database is not responding');
}

/** Undefined without an archive, and while the database does not answer. */
async function archiveHealth({ records, baseBackups }: HealthDeps): Promise<ArchiveHealth | undefined> {
  const asked = records.transaction((tx) => tx.archiver()).catch(() => undefined);
  const state = await Promise.race([asked, delay(PATIENCE_MS, undefined, { ref: false })]);
  if (state === undefined || !(state.isOn || baseBackups !== undefined)) return undefined;
  return failureOf(state) === undefined ? 'ok' : 'failing';
}

/** Whether a part answers; why it does not is in the log of the part itself. */
async function answers(part: Reachable): Promise<Answers> {
  const ready = part.ready().then(
    () => 'ok' as const,
    () => 'away' as const,
  );
  return Promise.race([ready, delay(PATIENCE_MS, 'away' as const, { ref: false })]);
}
