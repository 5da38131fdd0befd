import Type, { type Static } from 'typebox';
import { scopeOf } from '../../core/access.ts';
import { IssuedLaneInstruction } from '../../core/case/lane.ts';
import { conformanceOf } from '../../core/conformance/conformance.ts';
import { defined } from '../../core/defined.ts';
import type { ScanFilter } from '../../core/ports/records/scans.ts';
import { Visit } from '../../core/scan/circumstances.ts';
import { ScanState } from '../../core/scan/scan-states.ts';
import { type TermKind, termKinds, termOf } from '../../core/trade/terms.ts';
import { type TryAgainDeps, tryAgain } from '../../maintenance/convert-again.ts';
import { type ReconvertDeps, reconvert } from '../../maintenance/reconvert.ts';
import {
  type GetScanTx,
  getLaneInstruction,
  getRevision,
  getScan,
  listScans,
  type RevisionTx,
  type Viewing,
} from '../../queries/read.ts';
import { atMost } from '../../runtime/at-most.ts';
import { actorOf } from '../access.ts';
import { revisionNumber } from '../bytes-answer.ts';
import { commandOf } from '../commands.ts';
import { conformancePage } from '../pages/conformance.ts';
import { HTML } from '../pages/html.ts';
import { prefers } from '../prefers.ts';
import {
  presentFindingList,
  presentRevision,
  presentRevisionDetails,
  presentScan,
  presentScanDetails,
  presentTrial,
  revisionHref,
} from '../present.ts';
import { route } from '../route.ts';
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

type LaneDeps = Parameters<typeof getLaneInstruction>[0];

export const scanRoutes = [
  route({
    id: 'listScans',
    method: 'GET',
    url: '/v1/scans',
    tag: 'scans',
    right: 'view scans',
    summary: 'List scans, newest first',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: ScanQuery, response: { 200: pageOf(Scan) } },
    handler: (deps: Parameters<typeof listScans>[0]) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor, ...query } = request.query;
      const { rows, next } = await listScans(deps, actorOf(request), filterOf(query), limit, cursor);
      return { items: rows.map(presentScan), ...defined({ next }) };
    },
  }),
  route({
    id: 'getScan',
    method: 'GET',
    url: '/v1/scans/:scanId',
    tag: 'scans',
    right: 'follow scans',
    summary: 'Get a scan with its revisions',
    errors: ['NII_NOT_FOUND'],
    schema: { params: ScanParams, response: { 200: ScanDetails } },
    handler: (deps: Viewing<GetScanTx>) => async (request) =>
      presentScanDetails(await getScan(deps, actorOf(request), request.params.scanId)),
  }),
  route({
    id: 'convertScanAgain',
    method: 'POST',
    url: '/v1/scans/:scanId/convert',
    tag: 'scans',
    right: 'convert again',
    safety: {
      class: 'loosens',
      onePerson:
        'Only the installed converter determines the result; the new revision can join alarms differently',
    },
    summary: 'Convert the originals again with the installed converter',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', 'NII_IDEMPOTENCY_MISMATCH', 'NII_QUEUE_FULL'],
    answers: {
      200: 'What converting again would change; nothing is changed',
      202: 'Accepted: the revision that converting again makes',
    },
    schema: {
      params: ScanParams,
      querystring: AgainQuery,
      headers: CommandHeaders,
      response: { 200: ReconversionTrial, 202: Reconverted },
    },
    handler: (deps: TryAgainDeps & ReconvertDeps) => {
      const trying = atMost(MOST_TRIALS, 'Dry runs of a conversion');
      return async (request, reply) => {
        const command = commandOf(request, request.headers);
        if (request.query.dryRun === true) {
          const trial = await trying(() => tryAgain(deps, scopeOf(command.actor), request.params.scanId));
          return reply.code(200).send(presentTrial(trial));
        }
        const { scanId, revision, replayed } = await reconvert(deps, command, request.params.scanId);
        if (replayed) reply.header('idempotency-replayed', 'true');
        return reply.code(202).send({ scanId, revision, href: revisionHref(scanId, revision) });
      };
    },
  }),
  route({
    id: 'getLaneInstruction',
    method: 'GET',
    url: '/v1/scans/:scanId/lane-instruction',
    tag: 'triage',
    right: 'ask for the lane',
    summary:
      'Get the lane instruction for the vehicle: hold, proceed or rescan; none at a site in parallel mode',
    errors: ['NII_NOT_FOUND', 'NII_NO_INSTRUCTION'],
    schema: { params: ScanParams, response: { 200: IssuedLaneInstruction } },
    handler: (deps: LaneDeps) => async (request, reply) => {
      reply.header('cache-control', 'private, no-store');
      return getLaneInstruction(deps, actorOf(request), request.params.scanId);
    },
  }),
];

export const revisionRoutes = [
  route({
    id: 'listRevisions',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions',
    tag: 'scans',
    right: 'follow scans',
    summary: 'List the revisions of a scan, oldest first',
    errors: ['NII_NOT_FOUND'],
    schema: { params: ScanParams, response: { 200: listOf(Revision) } },
    handler: (deps: Viewing<GetScanTx>) => async (request) => {
      const { revisions } = await getScan(deps, actorOf(request), request.params.scanId);
      return { items: revisions.map(presentRevision) };
    },
  }),
  route({
    id: 'getRevision',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n',
    tag: 'scans',
    right: 'follow scans',
    summary: 'Get a revision: state, originals, and results or the reason for the failure',
    errors: ['NII_NOT_FOUND'],
    schema: { params: RevisionParams, response: { 200: RevisionDetails } },
    handler: (deps: Viewing<RevisionTx>) => async (request) => {
      const { scanId, n } = request.params;
      const actor = actorOf(request);
      return presentRevisionDetails(await getRevision(deps, actor, scanId, revisionNumber(n)), actor.role);
    },
  }),
  route({
    id: 'getConformance',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/conformance',
    tag: 'scans',
    right: 'follow scans',
    summary:
      'The recognised content, missing and unexpected values, and what is expected, for the sender; JSON or a page',
    errors: ['NII_NOT_FOUND'],
    schema: { params: RevisionParams, response: { 200: ConformanceAnswer } },
    handler: (deps: Viewing<RevisionTx>) => async (request, reply) => {
      const { scanId, n } = request.params;
      const { revision } = await getRevision(deps, actorOf(request), scanId, revisionNumber(n));
      const report = conformanceOf(revision);
      reply.header('vary', 'accept, authorization').header('cache-control', 'private, no-cache');
      if (!prefers(request, HTML)) return reply.send(report);
      return reply.type(HTML).send(conformancePage(report));
    },
  }),
  route({
    id: 'listUnits',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/units',
    tag: 'scans',
    right: 'view scans',
    summary: 'List the inspection units of a revision',
    errors: ['NII_NOT_FOUND'],
    schema: { params: RevisionParams, response: { 200: UnitList } },
    handler: (deps: Viewing<RevisionTx>) => async (request) => {
      const { scanId, n } = request.params;
      const { revision } = await getRevision(deps, actorOf(request), scanId, revisionNumber(n));
      return { items: revision.scan === undefined ? [] : [...revision.scan.units] };
    },
  }),
  route({
    id: 'listFindings',
    method: 'GET',
    url: '/v1/scans/:scanId/revisions/:n/findings',
    tag: 'scans',
    right: 'view scans',
    summary: 'Get the results of models and of vendor algorithms for a revision',
    errors: ['NII_NOT_FOUND'],
    schema: { params: RevisionParams, response: { 200: FindingList } },
    handler: (deps: Viewing<RevisionTx>) => async (request) => {
      const { scanId, n } = request.params;
      return presentFindingList(await getRevision(deps, actorOf(request), scanId, revisionNumber(n)));
    },
  }),
];

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
