import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { type CaseAnswer, type Command, versionOfCase } from '../commands/command.ts';
import type { Case } from '../core/case/case.ts';
import { defined } from '../core/defined.ts';
import { sha256Hex } from '../stored/identity.ts';
import { actorOf } from './access.ts';
import type { CommandHeaders } from './schemas/requests.ts';

/** What a request that changes something carries besides its body. */
export function commandOf(request: FastifyRequest, headers: Static<typeof CommandHeaders>): Command {
  const key = headers['idempotency-key'];
  const ifMatch = versionIn(headers['if-match']);
  return {
    actor: actorOf(request),
    ...defined({ idempotency: key === undefined ? undefined : { key, requestSha256: fingerprint(request) } }),
    ...defined({ ifMatch }),
  };
}

/** Answers a move with the case as it is now. */
export function sendCase(reply: FastifyReply, { case: value, replayed }: CaseAnswer): Case {
  if (replayed) reply.header('idempotency-replayed', 'true');
  reply.header('etag', versionTag(versionOfCase(value))).header('cache-control', 'private, no-cache');
  return value;
}

export function versionTag(version: number | string): string {
  return `"${version}"`;
}

function versionIn(header: string | undefined): string | undefined {
  if (header === undefined || header === '*') return undefined;
  return header.slice(1, -1);
}

/** The same request has the same fingerprint, whatever its headers. */
function fingerprint({ method, url, body }: FastifyRequest): string {
  return sha256Hex(JSON.stringify([method, url, body ?? null]));
}
