import { connect } from 'node:net';
import type { SeededNumbers } from '../../src/tools/contract/mutate.ts';
import { oneOf } from './make/chance.ts';
import { oddText } from './make/odd-text.ts';
import type { FuzzAnswer } from './request.ts';
import type { NoAnswer } from './send.ts';

/** Bytes that are nearly a request: heads and framings that no client library sends. `$KEY` stands for a key. */
const crooked: readonly string[] = [
  'GET /v1/health/live HTTP/1.1\r\n\r\n',
  'GET /v1/health/live\r\n\r\n',
  'GET /v1/health/live HTTP/1.0\r\n\r\n',
  'GET /v1/health/live HTTP/2.0\r\nhost: x\r\n\r\n',
  'GET  /v1/health/live HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET\t/v1/health/live\tHTTP/1.1\r\nhost: x\r\n\r\n',
  '\r\n\r\nGET /v1/health/live HTTP/1.1\r\nhost: x\r\n\r\n',
  'get /v1/health/live HTTP/1.1\r\nhost: x\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET * HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET http://x/v1/health/live HTTP/1.1\r\nhost: y\r\n\r\n',
  'GET //v1/health/live HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /\u0000 HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /v1/scans?\u00ff HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\n\r\n',
  'GET /v1/scans HTTP/1.1\r\nhost: x\r\nhost: y\r\nauthorization: Bearer $KEY\r\n\r\n',
  'GET /v1/scans HTTP/1.1\r\nhost: \r\nauthorization: Bearer $KEY\r\n\r\n',
  'GET /v1/scans HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\nauthorization: Bearer $KEY\r\n\r\n',
  'GET /v1/scans HTTP/1.1\r\nhost : x\r\nauthorization: Bearer $KEY\r\n\r\n',
  'GET /v1/scans HTTP/1.1\r\n host: x\r\nauthorization: Bearer $KEY\r\n\r\n',
  'GET /v1/scans HTTP/1.1\nhost: x\nauthorization: Bearer $KEY\n\n',
  'GET /v1/scans HTTP/1.1\r\nhost: x\r\nx: a\r\n folded\r\nauthorization: Bearer $KEY\r\n\r\n',
  'GET /v1/scans HTTP/1.1\r\nhost: x\r\nx: \u0000\r\nauthorization: Bearer $KEY\r\n\r\n',
  `GET /v1/scans HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${'k'.repeat(9000)}\r\n\r\n`,
  `GET /v1/scans HTTP/1.1\r\nhost: x\r\n${'a: b\r\n'.repeat(2100)}authorization: Bearer $KEY\r\n\r\n`,
  `GET /${'a'.repeat(17_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
  `${'A'.repeat(40)} / HTTP/1.1\r\nhost: x\r\n\r\n`,
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: application/json\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n{}',
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: application/json\r\ncontent-length: +2\r\n\r\n{}',
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: application/json\r\ncontent-length: -1\r\n\r\n{}',
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: application/json\r\ncontent-length: 99999999999999999999\r\n\r\n{}',
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{}',
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n{}GET / HTTP/1.1\r\n\r\n',
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ntransfer-encoding: gzip\r\n\r\n{}',
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ntransfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n',
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n',
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n',
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nx: y\r\n\r\n',
  'POST /v1/cases/next HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n',
  'POST /v1/scans?name=a.fake HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: application/octet-stream\r\ncontent-length: 500\r\n\r\nNIIFAKE1',
  'POST /v1/scans HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: multipart/form-data; boundary=x\r\ncontent-length: 90\r\n\r\n--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
  'POST /dicomweb/studies HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ncontent-type: multipart/related; type="application/dicom"; boundary=x\r\ntransfer-encoding: chunked\r\n\r\n5\r\n--x\r\n\r\n',
  'PATCH /v1/uploads/tus/x HTTP/1.1\r\nhost: x\r\nauthorization: Bearer $KEY\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\ncontent-type: application/offset+octet-stream\r\ncontent-length: 50\r\n\r\nabc',
  'GET /v1/health/live HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n\r\n',
  'CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n',
  'TRACE / HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /v1/health/live HTTP/1.1\r\nhost: x\r\nupgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n\r\n',
  'GET /v1/health/live HTTP/1.1\r\nhost: x\r\n\r\nGET /v1/health/live HTTP/1.1\r\nhost: x\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  '',
];

/** Bytes for a connection of their own; often one of the list with a piece changed. */
export function crookedRequest(numbers: SeededNumbers): string {
  const text = oneOf(numbers, crooked);
  const at = numbers.below(text.length + 1);
  switch (numbers.below(5)) {
    case 0:
      return text.slice(0, at) + oddText(numbers) + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + numbers.below(8));
    case 2:
      return text.slice(0, at);
    default:
      return text;
  }
}

/** Writes the bytes, says that there are no more, and takes the first answer. */
export function sendBytes(
  { host, port }: { readonly host: string; readonly port: number },
  bytes: Uint8Array,
  patienceMs: number,
): Promise<FuzzAnswer | NoAnswer> {
  return new Promise((resolve) => {
    const began = performance.now();
    const socket = connect({ host, port, allowHalfOpen: true });
    const chunks: Buffer[] = [];
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      socket.destroy();
    }, patienceMs);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(timer);
      const answer = firstAnswer(Buffer.concat(chunks), performance.now() - began);
      if (isLate && answer === undefined) resolve({ kind: 'late', detail: `open for ${patienceMs} ms` });
      else resolve(answer ?? { kind: 'closed', detail: 'closed without an answer' });
    });
    socket.end(bytes);
  });
}

/** The first final answer in what came; its body as long as its head says. */
function firstAnswer(received: Buffer, milliseconds: number): FuzzAnswer | undefined {
  const text = received.toString('latin1').replace(/^(HTTP\/1\.1 1\d\d[\s\S]*?\r\n\r\n)+/, '');
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...lines] = text.slice(0, Math.max(0, end)).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1] ?? 0);
  if (status === 0) return undefined;
  const headers = Object.fromEntries(lines.map(headerIn));
  const length = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
  const body = Buffer.from(text.slice(end + 4), 'latin1').subarray(0, length);
  const isWhole = headers['content-length'] === undefined || body.length === length;
  return { status, headers, body: new Uint8Array(body), isWhole, milliseconds };
}

function headerIn(line: string): [string, string] {
  const at = line.indexOf(':');
  return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
}
