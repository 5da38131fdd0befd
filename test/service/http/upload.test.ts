import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { fakeSamples, fakeScan, form } from '../../support/fake-scan.ts';
import { type Harness, openHarness, SITE } from '../../support/harness.ts';
import { filesOnTheirWay } from '../../support/staging.ts';

let service: Harness;

beforeAll(async () => {
  service = await openHarness({ limits: { uploadBytes: 256 * 1024, uploadFiles: 8 } });
});

afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

const octets = { 'content-type': 'application/octet-stream' };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

function upload(query: string, payload: Buffer, headers: Record<string, string> = octets) {
  return service.as('scanner', { method: 'POST', url: `/v1/scans${query}`, payload, headers });
}

/** Works off whatever is queued, other tests' jobs too, until the upload has its answer. */
async function workedUntil(uploading: ReturnType<typeof upload>) {
  let answered = false;
  const answer = uploading.finally(() => {
    answered = true;
  });
  await eventually('the upload is answered', 60, async () => {
    await service.work();
    return answered;
  });
  return answer;
}

function nothingIsKept(): void {
  expect(filesOnTheirWay(service.stagingDir)).toEqual([]);
}

describe('an upload', () => {
  test('as a single body is acknowledged with the address of its scan, and reads back bit for bit', async () => {
    const order = { rows: 20, columns: 30, seed: 7, containers: 'MSKU1234565' };
    const answer = await upload('?name=a.fake', fakeScan(order));
    expect(answer.statusCode, answer.body).toBe(202);
    const [scan] = answer.json().scans;
    expect(scan).toMatchObject({ state: 'received', result: 'new-scan', converter: 'fake' });
    expect(answer.headers.location).toBe(scan.href);
    await service.work();
    const home = scan.revisionHref;
    for (const [channel, number] of [
      ['high', 0],
      ['low', 1],
    ] as const) {
      const samples = await service.as('supervisor', { url: `${home}/channels/main/${channel}/samples` });
      expect(samples.statusCode, samples.body).toBe(200);
      expect(samples.rawPayload.equals(fakeSamples(order, number))).toBe(true);
      expect(samples.headers).toMatchObject({
        'nii-rows': '20',
        'nii-columns': '30',
        'nii-bits-stored': '16',
      });
    }
  });

  test('as a form takes its fields from before and behind the files', async () => {
    const { payload, headers } = form([
      { field: 'lane', value: 'lane-3' },
      { file: 'b.fake', bytes: fakeScan({ seed: 11 }) },
      { file: 'c.fake', bytes: fakeScan({ seed: 12 }) },
      { field: 'site', value: SITE },
    ]);
    const answer = await upload('', payload, headers);
    expect(answer.statusCode, answer.body).toBe(202);
    const { scans } = answer.json();
    expect(scans).toHaveLength(2);
    const record = await service.as('scanner', { url: scans[0].revisionHref });
    expect(record.json().meta).toMatchObject({ lane: 'lane-3' });
  });

  test('is answered with the address of a conformance report, as JSON and as a page that escapes what came', async () => {
    const answer = await upload('?name=%3Cb%3Ec.fake', fakeScan({ seed: 31, containers: 'MSKU1234560' }));
    const [scan] = answer.json().scans;
    const waiting = await service.as('scanner', { url: scan.conformanceHref });
    expect(waiting.json()).toMatchObject({ verdict: 'pending', scanId: scan.scanId });
    await service.work();
    const report = (await service.as('scanner', { url: scan.conformanceHref })).json();
    expect(report.recognised).toMatchObject({ converter: 'fake', files: [{ name: '<b>c.fake' }] });
    expect(report.items).toContainEqual(
      expect.objectContaining({
        code: 'NII_W_CONTAINER_CHECK_DIGIT',
        weight: 'remark',
        value: 'MSKU1234560',
      }),
    );
    const page = await service.as('scanner', {
      url: scan.conformanceHref,
      headers: { accept: 'text/html,application/xhtml+xml' },
    });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).toContain('MSKU1234560');
    expect(page.body).not.toContain('<b>c.fake');
  });

  test('sent again is answered with the same scan', async () => {
    const [first, second] = [
      await upload('?name=d.fake', fakeScan({ seed: 21 })),
      await upload('?name=d.fake', fakeScan({ seed: 21 })),
    ];
    expect(second.json().scans[0]).toMatchObject({
      scanId: first.json().scans[0].scanId,
      result: 'already-here',
    });
  });

  test('with wait is answered when the scan is converted', async () => {
    const answer = await workedUntil(upload('?name=e.fake&wait=30', fakeScan({ seed: 31 })));
    expect(answer.json().scans[0].state).toMatch(/converted|analysed/);
  });

  test('that a converter refuses is a failed scan with the reason', async () => {
    const answer = await workedUntil(
      upload('?name=f.fake&wait=30', fakeScan({ seed: 41, behaviour: 'lie' })),
    );
    expect(answer.json().scans[0]).toMatchObject({
      state: 'failed',
      problem: { code: 'NII_CONVERTER_INCONSISTENT' },
    });
  });

  test('with a declared hash is taken when the hash fits and refused when it does not', async () => {
    const body = fakeScan({ seed: 51 });
    const other = sha256(Buffer.from('another'));
    const refused = [
      await upload(`?name=g.fake&sha256=${other.toString('hex')}`, body),
      await upload('?name=g.fake', body, {
        ...octets,
        'content-digest': `sha-256=:${other.toString('base64')}:`,
      }),
    ];
    for (const answer of refused) {
      expect(answer.statusCode).toBe(400);
      expect(answer.json().code).toBe('NII_HASH_MISMATCH');
    }
    const digest = `sha-512=:AAAA:, sha-256=:${sha256(body).toString('base64')}:`;
    expect((await upload('?name=g.fake', body, { ...octets, 'content-digest': digest })).statusCode).toBe(
      202,
    );
    nothingIsKept();
  });

  test.each([
    ['that nobody knows', '?name=x.bin', Buffer.from('what is this'), octets, 415, 'NII_UNKNOWN_FORMAT'],
    ['of another media type', '', Buffer.from('{}'), { 'content-type': 'text/plain' }, 415, 'NII_MEDIA_TYPE'],
    ['of another site', '?site=elsewhere', fakeScan({ seed: 61 }), octets, 403, 'NII_FORBIDDEN'],
    ['with an unknown query', '?nmae=x', fakeScan({ seed: 62 }), octets, 400, 'NII_BAD_REQUEST'],
    ['with an unknown purpose', '?purpose=fun', fakeScan({ seed: 63 }), octets, 400, 'NII_BAD_REQUEST'],
    ['without a byte', '?name=x', Buffer.alloc(0), octets, 415, 'NII_UNKNOWN_FORMAT'],
    ['larger than the limit', '?name=x', Buffer.alloc(300 * 1024), octets, 413, 'NII_LIMIT_BYTES'],
    [
      'with a malformed digest',
      '',
      fakeScan(),
      { ...octets, 'content-digest': 'md5=:x:' },
      400,
      'NII_BAD_REQUEST',
    ],
  ])(
    '%s is refused by code and nothing of it is kept',
    async (_what, query, payload, headers, status, code) => {
      const answer = await upload(query, payload, headers);
      expect(answer.json()).toMatchObject({ status, code });
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.statusCode).toBe(status);
      nothingIsKept();
    },
  );

  test.each([
    ['an unknown field', form([{ field: 'colour', value: 'red' }]), 400, 'NII_BAD_REQUEST'],
    ['no file', form([{ field: 'site', value: SITE }]), 400, 'NII_BAD_REQUEST'],
    [
      'a field of a prototype',
      form([
        { field: '__proto__', value: 'x' },
        { file: 'a.fake', bytes: fakeScan() },
      ]),
      400,
      'NII_BAD_REQUEST',
    ],
    [
      'files that together pass the limit',
      form([0, 1, 2].map((i) => ({ file: `${i}.bin`, bytes: Buffer.alloc(100 * 1024) }))),
      413,
      'NII_LIMIT_BYTES',
    ],
    [
      'more files than the limit',
      form(Array.from({ length: 9 }, (_, i) => ({ file: `${i}.fake`, bytes: fakeScan({ seed: i }) }))),
      413,
      'NII_LIMIT_FILES',
    ],
  ])('as a form with %s is refused', async (_what, { payload, headers }, status, code) => {
    const answer = await upload('', payload, headers);
    expect(answer.json()).toMatchObject({ status, code });
    nothingIsKept();
  });
});
