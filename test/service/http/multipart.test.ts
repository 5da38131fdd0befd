import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeScan } from '../../support/fake-scan.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { filesOnTheirWay } from '../../support/staging.ts';

/** Malformed multipart bodies, at every endpoint that reads one: each is the sender's mistake, and has a code. */

let service: Harness;
beforeAll(async () => {
  service = await openHarness({ limits: { uploadFiles: 4 } });
});
afterAll(async () => {
  await service?.close();
  expect(service.wrongAnswers).toEqual([]);
});

const B = 'edge';
const LAST = `--${B}--\r\n`;
const file = fakeScan({ seed: 1 }).toString('latin1');
const part = (head: string, body = file) => `--${B}\r\n${head}\r\n\r\n${body}\r\n`;
const numbered = (count: number) => Array.from({ length: count }, (_, i) => i);

interface Endpoint {
  readonly url: string;
  /** Media type without its boundary. */
  readonly type: string;
  /** The head of a valid part. */
  readonly head: string;
}

const FORM_HEAD = 'content-disposition: form-data; name="file"; filename="a.fake"';
const form: Endpoint = { url: '/v1/scans', type: 'multipart/form-data', head: FORM_HEAD };
const related = (url: string): Endpoint => ({
  url,
  type: 'multipart/related; type="application/dicom"',
  head: 'content-type: application/dicom',
});
const endpoints = [form, related('/dicomweb/studies'), related('/dicomweb/studies/1.2.3')];

/** By what is wrong: what follows the media type, and the body. Wrong at every endpoint. */
const malformed: Readonly<Record<string, (valid: string) => readonly [string, string]>> = {
  'no boundary': (valid) => ['', valid + LAST],
  'an empty boundary': (valid) => ['; boundary=', valid + LAST],
  'an empty quoted boundary': (valid) => ['; boundary=""', valid + LAST],
  'a parameter with a similar name': (valid) => ['; xboundary=edge', valid + LAST],
  'a continued parameter': (valid) => ['; boundary*0=edge', valid + LAST],
  'a boundary inside another parameter': (valid) => ['; a=";boundary=none"', valid + LAST],
  'a boundary that the body does not have': (valid) => ['; boundary=other', valid + LAST],
  ...Object.fromEntries(
    [71, 252, 253, 254, 255, 256, 257, 1000].map((count) => [
      `a boundary of ${count} characters that the body does not have`,
      (valid: string) => [`; boundary=${'b'.repeat(count)}`, valid + LAST] as const,
    ]),
  ),
  'no body': () => ['; boundary=edge', ''],
  'no part': () => ['; boundary=edge', LAST],
  'text without a boundary': () => ['; boundary=edge', 'text'],
  'a first boundary only': () => ['; boundary=edge', `--${B}`],
  'a first boundary and a line end': () => ['; boundary=edge', `--${B}\r\n`],
  'a part that ends in its header': () => ['; boundary=edge', `--${B}\r\nContent-Dispo`],
  'a header without an end': () => ['; boundary=edge', `--${B}\r\nx: ${'a'.repeat(200_000)}`],
  'no last boundary': (valid) => ['; boundary=edge', valid],
  'half of the last boundary': (valid) => ['; boundary=edge', `${valid}--${B.slice(0, 2)}`],
  'a second part that ends early': (valid) => ['; boundary=edge', valid + valid.slice(0, -20)],
  'lines that end with LF only': (valid) => ['; boundary=edge', (valid + LAST).replaceAll('\r\n', '\n')],
};

function send({ url, type }: Pick<Endpoint, 'url' | 'type'>, parameters: string, body: string) {
  return service.as('scanner', {
    method: 'POST',
    url,
    payload: Buffer.from(body, 'latin1'),
    headers: { 'content-type': `${type}${parameters}` },
  });
}

describe.each(endpoints.map((one) => [one.url, one] as const))('POST %s', (_, endpoint) => {
  test.each(Object.entries(malformed))('rejects %s', async (_what, make) => {
    const [parameters, body] = make(part(endpoint.head));
    const answer = await send(endpoint, parameters, body);
    expect(answer.json(), answer.body).toMatchObject({
      status: 400,
      code: expect.stringMatching(/^NII_(BAD_REQUEST|UPLOAD_CUT)$/),
    });
    expect(filesOnTheirWay(service.stagingDir)).toEqual([]);
  });
});

describe('a form', () => {
  const field = (name: string, value = 'x', head = '') =>
    part(`content-disposition: form-data; name="${name}"${head}`, value);
  const valid = part(FORM_HEAD);

  test.each<[string, string, number, string]>([
    ['a part without a header', `--${B}\r\n\r\ntext\r\n`, 400, 'NII_BAD_REQUEST'],
    ['a header without a name', part(': form-data; name="file"'), 400, 'NII_BAD_REQUEST'],
    ['a header without a colon', part('nonsense'), 400, 'NII_BAD_REQUEST'],
    ['a part without a disposition', part('content-type: text/plain'), 400, 'NII_BAD_REQUEST'],
    ['a part of another disposition', part('content-disposition: attachment'), 400, 'NII_BAD_REQUEST'],
    ['a huge header', part(`x: ${'a'.repeat(200_000)}`), 400, 'NII_BAD_REQUEST'],
    [
      'thousands of headers',
      part(
        numbered(5_000)
          .map((i) => `x-${i}: a`)
          .join('\r\n'),
      ),
      400,
      'NII_BAD_REQUEST',
    ],
    ['text behind a boundary', `--${B}text\r\n\r\ntext\r\n`, 400, 'NII_BAD_REQUEST'],
    [
      'a nested body',
      part(
        'content-disposition: form-data; name="file"\r\ncontent-type: multipart/mixed; boundary=in',
        '--in\r\n\r\ntext\r\n--in--',
      ),
      400,
      'NII_BAD_REQUEST',
    ],
    ['a field twice', valid + field('lane') + field('lane'), 400, 'NII_BAD_REQUEST'],
    ['an unknown field', valid + field('none'), 400, 'NII_BAD_REQUEST'],
    ['a field without a name', valid + field(''), 400, 'NII_BAD_REQUEST'],
    ['a field with a control character in its name', valid + field('la\0ne'), 400, 'NII_BAD_REQUEST'],
    ['a field with a very long name', valid + field('n'.repeat(5_000)), 400, 'NII_BAD_REQUEST'],
    ['a field with a long value', valid + field('lane', 'x'.repeat(5_000)), 400, 'NII_BAD_REQUEST'],
    [
      'a field of JSON that is none',
      valid + field('lane', '{', '\r\ncontent-type: application/json'),
      400,
      'NII_BAD_REQUEST',
    ],
    [
      'a field of JSON that is no text',
      valid + field('lane', '[1]', '\r\ncontent-type: application/json'),
      400,
      'NII_BAD_REQUEST',
    ],
    ...['__proto__', 'constructor', 'toString'].map((name): [string, string, number, string] => [
      `a field ${name}`,
      valid + field(name),
      400,
      'NII_BAD_REQUEST',
    ]),
    [
      'a file called constructor',
      part('content-disposition: form-data; name="constructor"; filename="a"'),
      400,
      'NII_BAD_REQUEST',
    ],
    ['too many files', valid.repeat(6), 413, 'NII_LIMIT_FILES'],
    [
      'too many fields',
      valid +
        numbered(70)
          .map((i) => field(`n${i}`))
          .join(''),
      400,
      'NII_BAD_REQUEST',
    ],
  ])('rejects %s', async (_what, body, status, code) => {
    const answer = await send(form, '; boundary=edge', body + LAST);
    expect(answer.json(), answer.body).toMatchObject({ status, code });
    expect(filesOnTheirWay(service.stagingDir)).toEqual([]);
  });

  test.each([
    ['text before the first boundary', '; boundary=edge', `text\r\n${valid}${LAST}`],
    ['text after the last boundary', '; boundary=edge', `${valid}${LAST}text`],
    ['a quoted boundary', '; boundary="edge"', valid + LAST],
    ['the longest boundary', `; boundary=${'b'.repeat(252)}`, (valid + LAST).replaceAll(B, 'b'.repeat(252))],
  ])('takes %s', async (_what, parameters, body) => {
    const answer = await send(form, parameters, body);
    expect(answer.statusCode, answer.body).toBe(202);
  });
});

describe('instances', () => {
  test.each<[string, string]>([
    ['a part of another type', part('content-type: text/html')],
    [
      'a part with many headers before its type',
      part(
        `${numbered(100)
          .map((i) => `x-${i}: a`)
          .join('\r\n')}\r\ncontent-type: text/html`,
      ),
    ],
    ['text behind a boundary', `--${B}text\r\n\r\ntext\r\n`],
    ['an empty part', `--${B}\r\n\r\n\r\n`],
    ['a header without a colon', part('nonsense')],
    ['a header __proto__', part('__proto__: x')],
  ])('with %s are rejected by a code or by instance', async (_what, body) => {
    const answer = await send(related('/dicomweb/studies'), '; boundary=edge', body + LAST);
    expect([400, 409, 415], answer.body).toContain(answer.statusCode);
    await expect.poll(() => filesOnTheirWay(service.stagingDir)).toEqual([]);
  });
});

test('endpoints that read no multipart body reject its media type', async () => {
  for (const [role, url] of [
    ['scanner', '/v1/uploads/tus'],
    ['searcher', '/v1/cases/none/photographs'],
    ['administrator', '/v1/persons'],
    ['analyst', '/v1/cases/next'],
  ] as const) {
    const answer = await service.as(role, {
      method: 'POST',
      url,
      payload: part(FORM_HEAD) + LAST,
      headers: { 'content-type': 'multipart/form-data; boundary=edge' },
    });
    expect(answer.statusCode, `${url} ${answer.body}`).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode, `${url} ${answer.body}`).toBeLessThan(500);
  }
});
