import type { FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import { ScanMarksTerms } from '../../core/rules/scan-marks.ts';
import { Mark } from '../../core/rules/vehicle-hold.ts';
import { presentStanding, standingProperties } from '../../core/rules/version.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { route, versionErrors, versioned } from '../../http/route.ts';
import { CommandHeaders, closed, ScanParams } from '../../http/schemas/requests.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import {
  confirmScanMarks,
  type MarksOfScan,
  putScanMarks,
  type ReadScanMarksTx,
  readScanMarks,
  type ScanMarksDeps,
} from './decide.ts';

const ScanMarks = Type.Object(
  {
    scanId: Type.String(),
    version: Type.Integer({ minimum: 0, description: '0: nobody has corrected them' }),
    written: Type.Array(Mark, { description: 'What the files state' }),
    counting: Type.Array(Mark, { description: 'What the scan is known by now' }),
    ...standingProperties(ScanMarksTerms, 'It changes the marks of the scan and waits for another person'),
  },
  closed,
);
type ScanMarks = Static<typeof ScanMarks>;

const Nothing = Type.Object({}, closed);
const url = '/v1/scans/:scanId/marks';

/** Numbers, plates and the visit of a scan, where its files state them wrongly or not at all. */
export const scanMarksRoutes = [
  route({
    id: 'getScanMarks',
    method: 'GET',
    url,
    tag: 'triage',
    right: 'correct marks',
    summary:
      'Get what a scan is known by: its container numbers, plates and visit, and the proposal to correct them',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT'],
    headers: versioned,
    schema: { params: ScanParams, response: { 200: ScanMarks } },
    handler: (deps: Viewing<ReadScanMarksTx>) => async (request, reply) => {
      const { scanId } = request.params;
      const actor = actorOf(request);
      const found = await viewed(deps, actor, 'marks', scanId, {}, (tx) => readScanMarks(tx, actor, scanId));
      return send(reply, scanId, found);
    },
  }),
  route({
    id: 'putScanMarks',
    method: 'PUT',
    url,
    tag: 'triage',
    right: 'correct marks',
    safety: { class: 'loosens', secondPerson: 'POST /v1/scans/{scanId}/marks/confirmation' },
    summary:
      'Propose to correct what a scan is known by (202); another person must confirm it before it counts',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors],
    example: {
      marks: [{ kind: 'container', value: 'MSKU0000124' }],
      reason: 'Read off the container at the inspection',
    },
    headers: versioned,
    answers: {
      200: 'What counts for the scan now',
      202: 'A proposal; the scan is still known by the same marks',
    },
    schema: {
      params: ScanParams,
      headers: CommandHeaders,
      body: ScanMarksTerms,
      response: { 200: ScanMarks, 202: ScanMarks },
    },
    handler: (deps: ScanMarksDeps) => async (request, reply) => {
      const { scanId } = request.params;
      const command = commandOf(request, request.headers);
      const found = await putScanMarks(deps, command, scanId, request.body);
      return send(reply.code(found.standing.newest?.state === 'proposed' ? 202 : 200), scanId, found);
    },
  }),
  route({
    id: 'confirmScanMarks',
    method: 'POST',
    url: `${url}/confirmation`,
    tag: 'triage',
    right: 'correct marks',
    safety: { class: 'loosens', secondPerson: 'PUT /v1/scans/{scanId}/marks' },
    summary: 'Confirm the correction of the marks of a scan; another person must have proposed it',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors],
    example: {},
    headers: versioned,
    answers: { 200: 'What counts for the scan now' },
    schema: { params: ScanParams, headers: CommandHeaders, body: Nothing, response: { 200: ScanMarks } },
    handler: (deps: ScanMarksDeps) => async (request, reply) => {
      const { scanId } = request.params;
      const command = commandOf(request, request.headers);
      return send(reply, scanId, await confirmScanMarks(deps, command, scanId));
    },
  }),
];

/** The ETag is of whichever version was written last, a proposal as well. */
function send(reply: FastifyReply, scanId: string, { written, counting, standing }: MarksOfScan): ScanMarks {
  reply
    .header('etag', versionTag(standing.newest?.version ?? 0))
    .header('cache-control', 'private, no-cache');
  const version = standing.inForce?.version ?? 0;
  const unless = { marks: [...written], reason: 'as the files state' };
  return {
    ...{ scanId, version, written: [...written], counting: [...counting] },
    ...presentStanding(standing, unless),
  };
}
