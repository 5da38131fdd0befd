import type { FastifyInstance } from 'fastify';
import Type, { type Static } from 'typebox';
import { scopeOf } from '../../core/access.ts';
import { IssuedLaneInstruction } from '../../core/case/lane.ts';
import { conformanceOf } from '../../core/conformance/conformance.ts';
import { defined } from '../../core/defined.ts';
import type { ScanFilter } from '../../core/ports/records/scans.ts';
import { ScanState } from '../../core/scan/scan-states.ts';
import { Visit } from '../../core/scan/visit.ts';
import { type TermKind, termKinds, termOf } from '../../core/trade/terms.ts';
import type { LaneInstructionDeps, LaneInstructionTx } from '../../look/lane-instruction.ts';
import {
  type GetScanTx,
  getLaneInstruction,
  getRevision,
  getScan,
  listScans,
  type RevisionTx,
  type Viewing,
} from '../../look/read.ts';
import { atMost } from '../../runtime/at-most.ts';
import { type TryAgainDeps, tryAgain } from '../../upkeep/convert-again.ts';
import { type ReconvertDeps, reconvert } from '../../upkeep/reconvert.ts';
import { actorOf } from '../access.ts';
import { commandOf } from '../commands.ts';
import { typed } from '../context.ts';
import { conformancePage } from '../pages/conformance.ts';
import { wantsPage } from '../pages/html.ts';
import {
  presentFindingList,
  presentRevision,
  presentRevisionDetails,
  presentScan,
  presentScanDetails,
  presentTrial,
  revisionHref,
} from '../present.ts';
import { revisionNumber } from '../revision-number.ts';
import {
  ConformanceAnswer,
  FindingList,
  listOf,
  pageOf,
  ReconversionTrial,
  Reconverted,
  Revision,
  RevisionDetails,
  Scan,
  ScanDetails,
  UnitList,
} from '../schemas/answers.ts';
import {
  AgainQuery,
  CommandHeaders,
  DEFAULT_PAGE,
  pageQuery,
  RevisionParams,
  ScanParams,
} from '../schemas/requests.ts';
import { at } from './table.ts';

const Time = Type.String({ format: 'date-time' });

const Term = (description: string) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      pattern: '[\\p{L}\\p{N}]',
      description: `${description}; compared without blanks and punctuation`,
    }),
  );

/** Numbers that people have in hand. */
const TermQuery = {
  plate: Term('Plate of the vehicle, or registration of a means of transport'),
  seal: Term('Number of a seal'),
  declaration: Term('MRN, or another reference of a declaration'),
  ucr: Term('Unique consignment reference'),
  document: Term('Number of a bill of lading, waybill, manifest or another transport document'),
  imo: Term('IMO number of the vessel'),
  locode: Term('UN/LOCODE of the site or of a place of the route'),
  'customs-office': Term('Code of the customs office of the site or of the route'),
} as const satisfies Readonly<Record<TermKind, unknown>>;

const ScanQuery = pageQuery({
  state: Type.Optional(ScanState),
  container: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  visit: Type.Optional(Visit),
  ...TermQuery,
  receivedFrom: Type.Optional(Time),
  receivedTo: Type.Optional(Time),
});

/** A dry run converts while its sender waits. */
const MOST_TRIALS = 2;

type ScanRouteDeps = Viewing<GetScanTx & LaneInstructionTx> &
  LaneInstructionDeps &
  TryAgainDeps &
  ReconvertDeps;

export function scanRoutes(app: FastifyInstance, deps: ScanRouteDeps): void {
  const trying = atMost(MOST_TRIALS, 'Dry runs of a conversion');
  const routes = typed(app);
  routes.route({
    ...at('listScans'),
    schema: { querystring: ScanQuery, response: { 200: pageOf(Scan) } },
    handler: async (request) => {
      const { limit = DEFAULT_PAGE, cursor, ...query } = request.query;
      const { rows, next } = await listScans(deps, actorOf(request), filterOf(query), limit, cursor);
      return { items: rows.map(presentScan), ...defined({ next }) };
    },
  });
  routes.route({
    ...at('getScan'),
    schema: { params: ScanParams, response: { 200: ScanDetails } },
    handler: async (request) =>
      presentScanDetails(await getScan(deps, actorOf(request), request.params.scanId)),
  });
  routes.route({
    ...at('convertScanAgain'),
    schema: {
      params: ScanParams,
      querystring: AgainQuery,
      headers: CommandHeaders,
      response: { 200: ReconversionTrial, 202: Reconverted },
    },
    handler: async (request, reply) => {
      const command = commandOf(request, request.headers);
      if (request.query.dryRun === true) {
        const trial = await trying(() => tryAgain(deps, scopeOf(command.actor), request.params.scanId));
        return reply.code(200).send(presentTrial(trial));
      }
      const { scanId, revision, replayed } = await reconvert(deps, command, request.params.scanId);
      if (replayed) reply.header('idempotency-replayed', 'true');
      return reply.code(202).send({ scanId, revision, href: revisionHref(scanId, revision) });
    },
  });
  routes.route({
    ...at('getLaneInstruction'),
    schema: { params: ScanParams, response: { 200: IssuedLaneInstruction } },
    handler: async (request, reply) => {
      reply.header('cache-control', 'private, no-store');
      return getLaneInstruction(deps, actorOf(request), request.params.scanId);
    },
  });
}

export function revisionRoutes(app: FastifyInstance, deps: Viewing<GetScanTx & RevisionTx>): void {
  const routes = typed(app);
  routes.route({
    ...at('listRevisions'),
    schema: { params: ScanParams, response: { 200: listOf(Revision) } },
    handler: async (request) => {
      const { revisions } = await getScan(deps, actorOf(request), request.params.scanId);
      return { items: revisions.map(presentRevision) };
    },
  });
  routes.route({
    ...at('getRevision'),
    schema: { params: RevisionParams, response: { 200: RevisionDetails } },
    handler: async (request) => {
      const { scanId, n } = request.params;
      const actor = actorOf(request);
      return presentRevisionDetails(await getRevision(deps, actor, scanId, revisionNumber(n)), actor.role);
    },
  });
  routes.route({
    ...at('getConformance'),
    schema: { params: RevisionParams, response: { 200: ConformanceAnswer } },
    handler: async (request, reply) => {
      const { scanId, n } = request.params;
      const { revision } = await getRevision(deps, actorOf(request), scanId, revisionNumber(n));
      const report = conformanceOf(revision);
      reply.header('vary', 'accept, authorization').header('cache-control', 'private, no-cache');
      if (!wantsPage(request.headers.accept)) return reply.send(report);
      return reply.type('text/html; charset=utf-8').send(conformancePage(report));
    },
  });
  routes.route({
    ...at('listUnits'),
    schema: { params: RevisionParams, response: { 200: UnitList } },
    handler: async (request) => {
      const { scanId, n } = request.params;
      const { revision } = await getRevision(deps, actorOf(request), scanId, revisionNumber(n));
      return { items: revision.scan === undefined ? [] : [...revision.scan.units] };
    },
  });
  routes.route({
    ...at('listFindings'),
    schema: { params: RevisionParams, response: { 200: FindingList } },
    handler: async (request) => {
      const { scanId, n } = request.params;
      return presentFindingList(await getRevision(deps, actorOf(request), scanId, revisionNumber(n)));
    },
  });
}

function filterOf(query: Omit<Static<typeof ScanQuery>, 'limit' | 'cursor'>): ScanFilter {
  const { state, container, visit, receivedFrom, receivedTo } = query;
  const terms = termKinds.flatMap((kind) => {
    const written = query[kind];
    return written === undefined ? [] : (termOf(kind, written) ?? []);
  });
  return defined({
    state,
    container,
    visit,
    receivedFrom,
    receivedTo,
    terms: terms.length === 0 ? undefined : terms,
  });
}
