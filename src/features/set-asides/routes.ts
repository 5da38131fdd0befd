import type { FastifyReply } from 'fastify';
import Type, { type Static } from 'typebox';
import type { Tx } from '../../core/ports/records.ts';
import { notSetAside, SetAsideTerms, type StoredSetAside } from '../../core/rules/set-aside.ts';
import { presentStanding, type Standing, standingProperties } from '../../core/rules/version.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { route, versionErrors, versioned } from '../../http/route.ts';
import { CommandHeaders, closed, ScanParams } from '../../http/schemas/requests.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { setAsideDocument } from '../../stored/document-kinds.ts';
import { confirmSetAside, putSetAside, requireScan, type SetAsideDeps } from './decide.ts';

const SetAside = Type.Object(
  {
    scanId: Type.String(),
    version: Type.Integer({ minimum: 0, description: '0: nobody has set it aside' }),
    ...standingProperties(SetAsideTerms, 'It sets the scan aside and waits for another person'),
  },
  closed,
);
type SetAside = Static<typeof SetAside>;

const Nothing = Type.Object({}, closed);
const url = '/v1/scans/:scanId/set-aside';

/** Scans that nobody can read, and that their vehicles no longer wait for. */
export const setAsideRoutes = [
  route({
    id: 'getSetAside',
    method: 'GET',
    url,
    tag: 'triage',
    right: 'set scans aside',
    summary: 'Get whether a scan that cannot be read is set aside, and the proposal to do so',
    errors: ['NII_NOT_FOUND'],
    headers: versioned,
    schema: { params: ScanParams, response: { 200: SetAside } },
    handler: (deps: Viewing<Tx<'scan' | 'documentStanding'>>) => async (request, reply) => {
      const { scanId } = request.params;
      const actor = actorOf(request);
      const standing = await viewed(deps, actor, 'set aside', scanId, {}, async (tx) => {
        await requireScan(tx, actor, scanId);
        return tx.documentStanding(setAsideDocument, [actor.administration, scanId]);
      });
      return send(reply, scanId, standing);
    },
  }),
  route({
    id: 'putSetAside',
    method: 'PUT',
    url,
    tag: 'triage',
    right: 'set scans aside',
    safety: { class: 'loosens', secondPerson: 'POST /v1/scans/{scanId}/set-aside/confirmation' },
    summary:
      'Propose to set aside a scan that cannot be read, so that the vehicle no longer waits for it (202); undoing this takes effect immediately',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors],
    example: { isSetAside: true, reason: 'The container was scanned again at the other scanner' },
    headers: versioned,
    answers: { 200: 'What counts for the scan now', 202: 'A proposal; the vehicle is still held' },
    schema: {
      params: ScanParams,
      headers: CommandHeaders,
      body: SetAsideTerms,
      response: { 200: SetAside, 202: SetAside },
    },
    handler: (deps: SetAsideDeps) => async (request, reply) => {
      const { scanId } = request.params;
      const command = commandOf(request, request.headers);
      const standing = await putSetAside(deps, command, scanId, request.body);
      return send(reply.code(standing.newest?.state === 'proposed' ? 202 : 200), scanId, standing);
    },
  }),
  route({
    id: 'confirmSetAside',
    method: 'POST',
    url: `${url}/confirmation`,
    tag: 'triage',
    right: 'set scans aside',
    safety: { class: 'loosens', secondPerson: 'PUT /v1/scans/{scanId}/set-aside' },
    summary: 'Confirm that a scan is set aside; another person must have proposed it',
    errors: ['NII_NOT_FOUND', 'NII_STATE_CONFLICT', ...versionErrors],
    example: {},
    headers: versioned,
    answers: { 200: 'What counts for the scan now' },
    schema: { params: ScanParams, headers: CommandHeaders, body: Nothing, response: { 200: SetAside } },
    handler: (deps: SetAsideDeps) => async (request, reply) => {
      const { scanId } = request.params;
      const command = commandOf(request, request.headers);
      return send(reply, scanId, await confirmSetAside(deps, command, scanId));
    },
  }),
];

/** The ETag is of whichever version was written last, a proposal as well. */
function send(reply: FastifyReply, scanId: string, standing: Standing<StoredSetAside>): SetAside {
  reply
    .header('etag', versionTag(standing.newest?.version ?? 0))
    .header('cache-control', 'private, no-cache');
  const version = standing.inForce?.version ?? 0;
  return { scanId, version, ...presentStanding(standing, notSetAside) };
}
