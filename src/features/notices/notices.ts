import Type, { type Static } from 'typebox';
import type { Command } from '../../commands/command.ts';
import {
  confirmedNext,
  type DecideDocumentDeps,
  type DecideDocumentTx,
  type DecisionStep,
  decideDocument,
  requireAllSites,
  writtenNext,
} from '../../commands/decide-document.ts';
import { listedDocumentKind } from '../../core/documents.ts';
import type { Documents } from '../../core/ports/records/documents.ts';
import { type Standing, versionProperties } from '../../core/rules/version.ts';
import { actorOf } from '../../http/access.ts';
import { commandOf, versionTag } from '../../http/commands.ts';
import { route, versionErrors, versioned } from '../../http/route.ts';
import { CommandHeaders, closed } from '../../http/schemas/requests.ts';
import { type Viewing, viewed } from '../../queries/read.ts';

/** Notices to analysts. Each is in force once a second administrator has confirmed it. */

const NoticeTerms = Type.Object({ text: Type.String({ minLength: 1, maxLength: 4096 }) }, closed);
const NoticeParams = Type.Object({ notice: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,62}$' }) });
const StoredNotice = Type.Object(
  {
    administration: Type.String(),
    notice: NoticeParams.properties.notice,
    ...versionProperties,
    terms: NoticeTerms,
  },
  closed,
);
type StoredNotice = Static<typeof StoredNotice>;
const Notice = Type.Object(
  { notice: NoticeParams.properties.notice, ...versionProperties, terms: NoticeTerms },
  closed,
);

export const noticeDocument = listedDocumentKind({
  kind: 'notice',
  schema: StoredNotice,
  pathOf: ({ administration, notice }) => [administration, notice],
  versionOf: ({ version }) => version,
  keeps: 'every version',
  rowOf: ({ state, at }) => ({ state, at }),
});

type DecideDeps = DecideDocumentDeps<DecideDocumentTx>;

function decide(
  deps: DecideDeps,
  command: Command,
  notice: string,
  action: string,
  next: (standing: Standing<StoredNotice>, at: string) => Omit<StoredNotice, 'administration' | 'notice'>,
): Promise<Standing<StoredNotice>> {
  const { administration } = command.actor;
  const subject = () => `notice ${notice}`;
  const change = { kind: 'notice.changed', subject: () => notice };
  const path = [administration, notice] as const;
  const document = { kind: noticeDocument, path, title: 'The notice', change, subject };
  const step: DecisionStep<DecideDocumentTx, StoredNotice> = {
    action,
    next: (_, standing, at) => {
      requireAllSites(command.actor, 'Notices are for all sites');
      return { value: { administration, notice, ...next(standing, at) }, detail: {} };
    },
  };
  return decideDocument(deps, command, document, step, (tx) => tx.documentStanding(noticeDocument, path));
}

function shown({ newest }: Standing<StoredNotice>) {
  const { administration: _, ...notice } = newest as StoredNotice; // it was just written
  return notice;
}

const facts = { tag: 'rules', headers: versioned, errors: [...versionErrors] } as const;

export const noticeRoutes = [
  route({
    id: 'listNotices',
    method: 'GET',
    url: '/v1/notices',
    tag: 'rules',
    right: 'read rules',
    summary: 'List notices to analysts, each in every version',
    schema: { response: { 200: Type.Object({ items: Type.Array(Notice) }, closed) } },
    handler: (deps: Viewing<Pick<Documents, 'documentHistory'>>) => async (request) => {
      const actor = actorOf(request);
      const all = await viewed(deps, actor, 'notices', '', {}, (tx) =>
        tx.documentHistory(noticeDocument, [actor.administration]),
      );
      return { items: all.map(({ administration: _, ...notice }) => notice) };
    },
  }),
  route({
    ...facts,
    id: 'putNotice',
    method: 'PUT',
    url: '/v1/notices/:notice',
    right: 'decide rules',
    summary: 'Propose a notice to analysts',
    example: { text: 'Watch for refrigerated units without a load' },
    answers: { 202: 'A proposal, in force once another person confirms it' },
    schema: { params: NoticeParams, headers: CommandHeaders, body: NoticeTerms, response: { 202: Notice } },
    handler: (deps: DecideDeps) => async (request, reply) => {
      const command = commandOf(request, request.headers);
      const standing = await decide(deps, command, request.params.notice, 'change notice', ({ newest }, at) =>
        writtenNext(command, newest, request.body, { isLooser: true, at }),
      );
      return reply
        .code(202)
        .header('etag', versionTag(standing.newest?.version ?? 0))
        .send(shown(standing));
    },
  }),
  route({
    ...facts,
    id: 'confirmNotice',
    method: 'POST',
    url: '/v1/notices/:notice/confirmation',
    right: 'decide rules',
    summary: 'Confirm a notice that another person proposed',
    errors: ['NII_STATE_CONFLICT', ...versionErrors],
    example: {},
    answers: { 200: 'The notice, in force' },
    schema: {
      params: NoticeParams,
      headers: CommandHeaders,
      body: Type.Object({}, closed),
      response: { 200: Notice },
    },
    handler: (deps: DecideDeps) => async (request, reply) => {
      const command = commandOf(request, request.headers);
      const standing = await decide(
        deps,
        command,
        request.params.notice,
        'change notice: confirm',
        ({ newest }, at) => confirmedNext(command, newest, at),
      );
      return reply.header('etag', versionTag(standing.newest?.version ?? 0)).send(shown(standing));
    },
  }),
];
