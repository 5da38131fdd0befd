import Type from 'typebox';
import { type Declaration, DeclarationBody } from '../../core/case/declaration.ts';
import { defined } from '../../core/defined.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { scanHref } from '../../http/present.ts';
import { route, versioned } from '../../http/route.ts';
import { rolesWho } from '../../http/routes/rights.ts';
import { DeclarationAnswer, DeclarationDetails, pageOf } from '../../http/schemas/answers.ts';
import { CommandHeaders, DEFAULT_PAGE, DeclarationParams, pageQuery } from '../../http/schemas/requests.ts';
import { listDeclarations, type Viewing } from '../../queries/read.ts';
import { type PutDeclarationDeps, putDeclaration } from './decide.ts';
import { type DeclarationJoins, type GetDeclarationTx, getDeclaration } from './read.ts';

const DeclarationQuery = pageQuery({
  container: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, description: 'Only those with this container' }),
  ),
});

const assessors = rolesWho('assess declarations');

export const declarationRoutes = [
  route({
    id: 'listDeclarations',
    method: 'GET',
    url: '/v1/declarations',
    tag: 'declarations',
    right: 'read declarations',
    summary: 'List declarations',
    errors: ['NII_CURSOR_EXPIRED'],
    schema: { querystring: DeclarationQuery, response: { 200: pageOf(DeclarationAnswer) } },
    handler: (deps: Parameters<typeof listDeclarations>[0]) => async (request) => {
      const { limit = DEFAULT_PAGE, cursor, ...filter } = request.query;
      const { rows, next } = await listDeclarations(deps, actorOf(request), filter, limit, cursor);
      return { items: rows.map(shown), ...defined({ next }) };
    },
  }),
  route({
    id: 'getDeclaration',
    method: 'GET',
    url: '/v1/declarations/:ref',
    tag: 'declarations',
    right: 'read declarations',
    summary: 'Get a declaration',
    errors: ['NII_NOT_FOUND'],
    headers: versioned,
    schema: { params: DeclarationParams, response: { 200: DeclarationDetails } },
    handler: (deps: Viewing<GetDeclarationTx>) => async (request, reply) => {
      const found = await getDeclaration(deps, actorOf(request), request.params.ref);
      const { version } = found.declaration;
      reply.header('etag', versionTag(version)).header('cache-control', 'private, no-cache');
      return { ...shown(found.declaration), ...(found.joins && joinsOf(found.joins)) };
    },
  }),
  route({
    id: 'putDeclaration',
    method: 'PUT',
    url: '/v1/declarations/:ref',
    tag: 'declarations',
    right: 'declare',
    safety: {
      class: 'loosens',
      onePerson:
        'A lower risk moves a case back in the queue, and removes only later scans from the policy’s controls; officers cannot explain an alarm with their own declaration',
    },
    summary: 'Create or replace a declaration; it joins scans by container and time, including earlier scans',
    errors: [
      'NII_NOT_FOUND',
      'NII_PRECONDITION_FAILED',
      'NII_PRECONDITION_REQUIRED',
      'NII_IDEMPOTENCY_MISMATCH',
    ],
    example: {
      containers: ['CSQU3054383'],
      mrn: '26NLA1B2C3D4E5F6G7',
      hsCodes: ['847130'],
      description: 'Portable computers',
      dangerousGoods: [{ unNumber: '3480' }],
      packages: 40,
      grossMassKg: 1200,
      origin: 'CN',
      seals: ['H 123456'],
      consignment: {
        parties: [{ role: 'consignee', name: 'Example Trading', country: 'NL' }],
        transportDocuments: [{ type: 'bill-of-lading', number: 'EXMP1234567' }],
        means: [{ mode: '1', name: 'Example Star', imo: '9074729', journey: '012W' }],
        route: [{ point: 'unloading', locode: 'NLRTM' }],
      },
      presentedAt: '2026-11-27T08:00:00Z',
    },
    headers: versioned,
    answers: { 200: 'The declaration as it is kept', 201: 'Stated for the first time' },
    schema: {
      params: DeclarationParams,
      headers: CommandHeaders,
      body: DeclarationBody,
      response: { 200: DeclarationAnswer, 201: DeclarationAnswer },
    },
    handler: (deps: PutDeclarationDeps) => async (request, reply) => {
      const command = commandOf(request, request.headers);
      const { declaration, changed } = await putDeclaration(
        deps,
        command,
        request.params.ref,
        request.body,
        assessors.includes(command.actor.role),
      );
      reply.header('etag', versionTag(declaration.version));
      return reply.code(changed && declaration.version === 1 ? 201 : 200).send(shown(declaration));
    },
  }),
];

function joinsOf({ joined, notJoined }: DeclarationJoins) {
  return {
    joined: joined.map(({ scan, ...one }) => ({ ...one, ...toScan(scan) })),
    notJoined: notJoined.map(({ scan, ...one }) => (scan === undefined ? one : { ...one, ...toScan(scan) })),
  };
}

function toScan({ id, site, receivedAt, acquiredAt }: DeclarationJoins['joined'][number]['scan']) {
  return { scanId: id, site, receivedAt, ...defined({ acquiredAt }), scanHref: scanHref(id) };
}

function shown({ ref, administration, version, updatedAt, body }: Declaration) {
  return { ref, administration, version, updatedAt, body };
}
