import type { SeededNumbers } from '../../../src/tools/contract/mutate.ts';
import type { Header } from '../request.ts';
import { oneIn, oneOf } from './chance.ts';
import { oddText } from './odd-text.ts';

/** Headers that the service or what it stands on reads, with values at the edge of what they may say. */
const odd: Readonly<Record<string, readonly string[]>> = {
  accept: [
    '*/*',
    'text/html',
    'application/json',
    'application/dicom+json',
    'application/dicom',
    'multipart/related; type="application/dicom"',
    'multipart/related; type="application/dicom"; transfer-syntax=*',
    'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.5',
    'multipart/related; type="image/jls"',
    'image/png',
    'image/jpeg;q=0.5, image/png;q=0.5',
    'image/webp',
    ';;;,,,',
    '*/*;q=0',
    'text/html;q=1e9',
    'application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50',
    'application/dicom; transfer-syntax=9',
    '"unclosed',
  ],
  'content-type': [
    'application/json',
    'application/json; charset=utf-16',
    'application/problem+json',
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=x',
    'multipart/related; type="application/dicom"; boundary=x',
    'multipart/related',
    'application/octet-stream',
    'application/zip',
    'application/dicom',
    'application/offset+octet-stream',
    '',
    ';',
    '/',
    'a/b/c',
  ],
  range: [
    'bytes=0-0',
    'bytes=0-',
    'bytes=-1',
    'bytes=-0',
    'bytes=5-2',
    'bytes=0-0,2-3',
    'bytes=999999999999999-',
    'bytes=0-999999999999999',
    'bytes=99999999999999999999-',
    'lines=1-2',
    'bytes=',
    'bytes=a-b',
  ],
  'if-range': ['"x"', '*', 'W/"x"', 'Tue, 01 Jan 2030 00:00:00 GMT'],
  'if-match': ['*', '"0"', '"1"', '"999999999"', 'W/"1"', '"1", "2"', '1', '"-1"', '"1e3"', '""'],
  'if-none-match': ['*', '"x"', 'W/"x"', '"a", "b"', ',', '"'],
  'if-modified-since': ['Tue, 01 Jan 2030 00:00:00 GMT', 'never'],
  'idempotency-key': ['k1', 'k2', 'k'.repeat(255), 'k'.repeat(256), '', '\u00e9'],
  expect: ['100-continue', '200-ok', ''],
  'content-encoding': ['gzip', 'br', 'identity', 'deflate', 'x'],
  'accept-encoding': ['gzip, br', '*;q=0', 'identity'],
  'content-digest': ['sha-256=:AAAA:', `sha-256=:${Buffer.alloc(32).toString('base64')}:`, 'md5=:AA==:', 'x'],
  'content-disposition': [
    'attachment; filename="a.fake"',
    "attachment; filename*=UTF-8''%e2%82%ac.dcm",
    "attachment; filename*=UTF-8''%zz",
    'attachment; filename="../../x"',
    'filename=',
  ],
  'tus-resumable': ['1.0.0', '0.2.2', '1.0.0, 1.0.0', ''],
  'upload-offset': ['0', '1', '-1', '1e3', '99999999999999999999', '', 'x'],
  'upload-length': ['0', '1', '-1', '536870912', '536870913', '99999999999999999999', '1.5', 'x'],
  'upload-defer-length': ['1', '0', 'x'],
  'upload-concat': ['partial', 'final;/v1/uploads/tus/a', 'final;'],
  'upload-checksum': ['sha1 x', 'crc32 AAAA'],
  'upload-metadata': [
    '',
    ',',
    'filename',
    'filename ####',
    `filename ${Buffer.from('a.fake').toString('base64')}`,
    `filename ${Buffer.from('../a\u0000b').toString('base64')}`,
    `filename YQ==,filename Yg==`,
    `set czE=,files Mg==,filename YQ==`,
    `set czE=,files MA==`,
    `site ${Buffer.from('elsewhere').toString('base64')}`,
    `sha256 ${Buffer.from('f'.repeat(64)).toString('base64')},filename YQ==`,
    `purpose ${Buffer.from('fun').toString('base64')}`,
    `__proto__ YQ==`,
    '\u00e9 \u00e9',
  ],
  'x-http-method-override': ['DELETE', 'PATCH', 'CONNECT'],
  'x-forwarded-for': ['10.0.0.1', '::1, x'],
  'x-forwarded-host': ['evil.example', '"'],
  'x-forwarded-proto': ['https', 'javascript'],
  connection: ['close', 'keep-alive', 'upgrade'],
  upgrade: ['websocket', 'h2c'],
  te: ['trailers', 'gzip'],
  origin: ['null', 'https://evil.example'],
  'access-control-request-method': ['DELETE'],
  cookie: ['a=b', ';'.repeat(100)],
  'accept-language': ['*', 'x'.repeat(100)],
  prefer: ['respond-async', 'wait=0'],
  'x-request-id': ['1', 'a\tb'],
};

const names = Object.keys(odd);

/** A header with an odd value; often one that there is, seldom one of any name. */
export function oddHeader(numbers: SeededNumbers): Header {
  const name = oneOf(numbers, names);
  if (oneIn(numbers, 12)) return [name, sendable(oddText(numbers))];
  if (oneIn(numbers, 30)) return [`x-${numbers.below(1000)}`, sendable(oddText(numbers))];
  return [name, oneOf(numbers, odd[name] ?? [''])];
}

/** Node itself sends no control characters and nothing beyond Latin-1 in a header. */
export function sendable(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').slice(0, 8000);
}
