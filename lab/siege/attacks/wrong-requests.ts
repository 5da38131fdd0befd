/** What is no HTTP, or a request that no service can follow: bytes, and the answer that they get. */
export interface WrongRequest {
  readonly what: string;
  readonly bytes: string;
  readonly status: number;
  readonly code: string;
}

/** Keys of somebody who may send scans, and of somebody who may decide. */
interface Keys {
  readonly sender: string;
  readonly reader: string;
}

export function wrongRequests({ sender, reader }: Keys): readonly WrongRequest[] {
  const keys = { sender: `authorization: Bearer ${sender}`, reader: `authorization: Bearer ${reader}` };
  const rows = [...wrongHeads(keys.reader), ...wrongLengths(keys.sender), ...wrongBodies(keys)];
  return rows.map(([what, bytes, status, code]) => ({ what, bytes, status, code }));
}

type Row = readonly [what: string, bytes: string, status: number, code: string];

const CLOSE = 'connection: close';
const BAD = [400, 'NII_BAD_REQUEST'] as const;
const METHOD = [405, 'NII_METHOD'] as const;

/** Lines as they are sent, and the body after an empty one. */
const lines = (...heads: readonly string[]) => `${heads.join('\r\n')}\r\n\r\n`;

function wrongHeads(key: string): readonly Row[] {
  const list = (...more: readonly string[]) => lines('GET /v1/scans HTTP/1.1', ...more);
  return [
    ['bytes that are no HTTP', '\x16\x03\x01\x02\x00\x01\r\n\r\n', ...BAD],
    ['a request line without an address', 'GET\r\n\r\n', ...BAD],
    ['HTTP/0.9', 'GET /v1/health/live\r\n\r\n', ...BAD],
    ['HTTP/9.9', lines('GET / HTTP/9.9', 'host: x'), ...BAD],
    ['a method that nobody knows', lines('BREW /v1/scans HTTP/1.1', 'host: x'), ...METHOD],
    ['CONNECT', lines('CONNECT example.org:443 HTTP/1.1', 'host: x'), ...METHOD],
    ['no host', list(CLOSE), ...BAD],
    ['a header of 20 KiB', list('host: x', `x: ${'y'.repeat(20_480)}`), 431, 'NII_LIMIT_HEADERS'],
    ['a header without a colon', lines('GET / HTTP/1.1', 'host: x', 'nothing'), ...BAD],
    ['an address that encodes nothing', lines('GET /v1/scans/%zz HTTP/1.1', 'host: x', key, CLOSE), ...BAD],
    ['an expectation that cannot be met', list('host: x', 'expect: the unexpected'), 417, 'NII_EXPECTATION'],
  ];
}

function wrongLengths(key: string): readonly Row[] {
  const post = (...more: readonly string[]) => lines('POST /v1/scans HTTP/1.1', 'host: x', ...more);
  const chunked = 'transfer-encoding: chunked';
  const bytes = 'content-type: application/octet-stream';
  return [
    ['a Content-Length that is no number', post('content-length: ten'), ...BAD],
    ['two lengths', `${post('content-length: 1', 'content-length: 2')}a`, ...BAD],
    ['a length and an encoding', `${post('content-length: 1', chunked)}0\r\n\r\n`, ...BAD],
    ['a chunk of no size', `${post(key, bytes, chunked)}zz\r\n\r\n`, ...BAD],
  ];
}

/** Forms that nobody can take apart are an attack of their own. */
export function withoutBoundary(key: string): readonly Row[] {
  const related = 'multipart/related; type="application/dicom"';
  return [
    ['a form without a boundary', short('/v1/scans', key, 'multipart/form-data'), ...BAD],
    ['a form with an empty boundary', short('/v1/scans', key, 'multipart/form-data; boundary='), ...BAD],
    ['instances without a boundary', short('/dicomweb/studies', key, related), ...BAD],
  ];
}

/** A request with a body of four bytes. */
function short(path: string, key: string, type: string, ...more: readonly string[]): string {
  const heads = [`POST ${path} HTTP/1.1`, 'host: x', key, CLOSE, `content-type: ${type}`, ...more];
  return `${lines(...heads, 'content-length: 4')}--x\r`;
}

function wrongBodies({ sender, reader }: Keys): readonly Row[] {
  const media = [415, 'NII_MEDIA_TYPE'] as const;
  const json = short('/v1/cases/x/close', reader, 'application/json', 'if-match: "1"');
  return [
    ...withoutBoundary(sender),
    ['a form of another kind', short('/v1/scans', sender, 'multipart/mixed; boundary=x'), ...media],
    ['a media type that is none', short('/v1/scans', sender, ';;;'), ...media],
    ['JSON that is none', json, ...BAD],
  ];
}
