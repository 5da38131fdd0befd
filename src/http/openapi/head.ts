import { TUS_PATH } from '../resumable.ts';
import { offsetHeaders } from './answer-headers.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * HEAD is answered wherever GET is, as GET without its body, and needs no description. At a resumable upload it says
 * something of its own (tus 1.0, Core Protocol).
 */
export function addHead(document: Json): Json {
  const path = `${TUS_PATH}/{uploadId}`;
  const paths: Json = Object(document.paths);
  const { patch, ...others }: Json = Object(paths[path]);
  if (patch === undefined) return document;
  return { ...document, paths: { ...paths, [path]: { ...others, head: headOf(Object(patch)), patch } } };
}

/** It fails as PATCH does, with which it shares what it says of an upload that ended. */
function headOf({ tags, description, security, parameters, responses }: Json): Json {
  const asked: unknown[] = Array.isArray(parameters) ? parameters : [];
  const failures = Object.entries(Object(responses)).filter(([status]) => !status.startsWith('2'));
  return {
    operationId: 'checkResumable',
    summary: 'State of a resumable upload',
    tags,
    description,
    parameters: asked.filter((one) => Object(one).name !== 'upload-offset'),
    security,
    responses: {
      200: { description: 'Bytes that have arrived, in Upload-Offset', headers: offsetHeaders },
      ...Object.fromEntries(failures.map(([status, answer]) => [status, withoutBody(answer)])),
    },
  };
}

function withoutBody(answer: unknown): Json {
  const { content: _, ...head }: Json = Object(answer);
  return head;
}
