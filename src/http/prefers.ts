import type { FastifyRequest } from 'fastify';

const JSON_TEXT = 'application/json; charset=utf-8';

/** Whether the Accept header prefers this type to JSON; of two that it likes as much, the first that it names. */
export function prefers(request: FastifyRequest, type: string): boolean {
  return request.type([JSON_TEXT, type]) === type;
}
