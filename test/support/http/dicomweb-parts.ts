/** multipart/related as a stranger would read it. */

export interface Part {
  readonly type: string;
  readonly headers: string;
  readonly bytes: Buffer;
}

/** The parts of an answer; a body that does not end with its last boundary is an error. */
export function relatedParts(answer: {
  readonly headers: Record<string, unknown>;
  readonly rawPayload: Buffer;
}): readonly Part[] {
  const boundary = /boundary="?([^";]+)/.exec(String(answer.headers['content-type']))?.[1];
  const body = answer.rawPayload;
  const text = body.toString('latin1');
  if (boundary === undefined || !text.endsWith(`--${boundary}--\r\n`)) throw new Error('no last boundary');
  const parts: Part[] = [];
  let at = text.indexOf(`--${boundary}\r\n`);
  while (at >= 0 && text.startsWith(`--${boundary}\r\n`, at)) {
    const from = at + boundary.length + 4;
    const headEnd = text.indexOf('\r\n\r\n', from);
    const next = text.indexOf(`\r\n--${boundary}`, headEnd);
    const headers = text.slice(from, headEnd);
    const type = /content-type: *([^\r\n]+)/i.exec(headers)?.[1] ?? '';
    parts.push({ type, headers, bytes: body.subarray(headEnd + 4, next) });
    at = next + 2;
  }
  return parts;
}
