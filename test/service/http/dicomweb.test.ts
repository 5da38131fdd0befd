import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LightMyRequestResponse } from 'fastify';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relatedBody } from '../../../lab/siege/related-body.ts';
import type { Role } from '../../../src/core/access.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { verifyAll } from '../../../src/maintenance/verify.ts';
import { hasDicomTools } from '../../support/dicom-tools.ts';
import { fakeSamples, fakeScan } from '../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness } from '../../support/harness.ts';
import { relatedParts } from '../../support/http/dicomweb-parts.ts';
import { story } from '../../support/vitest/story.ts';

let service: Harness;
/** Paths under /dicomweb of the study of the vendor's scan and of its two channels. */
let study: string;
let channels: readonly string[];
const order = { rows: 20, columns: 30, seed: 7, containers: 'MSKU1234565' };
const dx = '1.2.840.10008.5.1.4.1.1.501.2.2';
const explicitLittle = '1.2.840.10008.1.2.1';
const asStored = 'multipart/related; type="application/dicom"; transfer-syntax=*';
const dicom = 'multipart/related; type="application/dicom"';
const octets = 'multipart/related; type="application/octet-stream"';

beforeAll(async () => {
  service = await openHarness({ limits: { uploadBytes: 1024 * 1024, uploadFiles: 8 } });
  const sent = await service.as('scanner', {
    method: 'POST',
    url: '/v1/scans?name=a.fake',
    payload: fakeScan(order),
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(sent.statusCode, sent.body).toBe(202);
  await service.work();
  study = `/studies/${first((await search('/studies?PatientID=MSKU1234565'))[0], '0020000D')}`;
  channels = (await search(`${study}/instances?SOPClassUID=${dx}`)).map(pathOf);
}, 60_000);

afterAll(async () => {
  await service?.close();
  expect(service?.wrongAnswers).toEqual([]);
});

type Item = Record<string, { vr: string; Value?: unknown[]; BulkDataURI?: string; InlineBinary?: string }>;

function first(dataSet: Item | undefined, tag: string): unknown {
  return dataSet?.[tag]?.Value?.[0];
}

function pathOf(dataSet: Item): string {
  return new URL(String(first(dataSet, '00081190'))).pathname.replace('/dicomweb', '');
}

function get(path: string, accept?: string, role: Role = 'supervisor'): Promise<LightMyRequestResponse> {
  const headers = accept === undefined ? {} : { accept };
  return service.as(role, { url: `/dicomweb${path}`, headers });
}

async function search(path: string, role: Role = 'supervisor'): Promise<Item[]> {
  const answer = await get(path, 'application/dicom+json', role);
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

async function partsOf(path: string, accept: string, role: Role = 'supervisor') {
  const answer = await get(path, accept, role);
  expect(answer.statusCode, answer.body.slice(0, 500)).toBe(200);
  return relatedParts(answer);
}

function store(files: readonly Uint8Array[], path = '/studies', role: Role = 'scanner') {
  const { payload, headers } = relatedBody(files);
  return service.as(role, { method: 'POST', url: `/dicomweb${path}`, payload, headers });
}

function items(answer: LightMyRequestResponse, tag: string): Item[] {
  return (answer.json()[tag]?.Value ?? []) as Item[];
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../converters/dicom/fixtures/${name}`, import.meta.url));
}

/** The same file under a UID of the same length, or with other content under the same. */
function changed(file: Buffer, from: string, to: string): Buffer {
  return Buffer.from(file.toString('latin1').replaceAll(from, to), 'latin1');
}

story('one archive, filled and asked', () => {
  describe('a scan of vendor files', () => {
    test('is a study with an instance for each channel and the report of the machine', async () => {
      const [found] = await search(`/studies?PatientID=MSKU*&includefield=StudyDescription`);
      // and of each verdict that another test gives
      const count = expect.toSatisfy((instances: number) => instances >= 3);
      expect(found).toMatchObject({
        '00100020': { vr: 'LO', Value: ['MSKU1234565'] },
        '00201206': { vr: 'IS', Value: [count] },
        '00201208': { vr: 'IS', Value: [count] },
        '00080056': { vr: 'CS', Value: ['ONLINE'] },
        '00080061': { vr: 'CS', Value: ['TDR', 'XRAY'] },
      });
      expect(channels).toHaveLength(2);
    });

    test('gives its samples as frames, equal to what was measured', async () => {
      const samples: string[] = [];
      for (const channel of channels) {
        const [part] = await partsOf(`${channel}/frames/1`, octets);
        expect(part?.type).toBe(`application/octet-stream; transfer-syntax=${explicitLittle}`);
        samples.push(part?.bytes.toString('hex') ?? '');
      }
      const measured = [0, 1].map((channel) => fakeSamples(order, channel).toString('hex'));
      expect(new Set(samples)).toEqual(new Set(measured));
    });

    test('gives no frame more than once for one request', async () => {
      const answer = await get(`${channels[0]}/frames/1,1`, octets);
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'NII_BAD_REQUEST']);
    });

    test('shows an analyst the report of the machine, and no verdict of another', async () => {
      const reports = `${study}/instances?Modality=TDR`;
      expect(await search(reports, 'analyst'), 'nothing in hand').toEqual([]);
      const next = await service.as('supervisor', { method: 'POST', url: '/v1/cases/next', payload: {} });
      const verdict = await service.as('supervisor', {
        method: 'POST',
        url: `/v1/cases/${next.json().id}/verdict`,
        payload: { kind: 'inconclusive', reason: 'other' },
        headers: { 'if-match': String(next.headers.etag) },
      });
      expect(verdict.statusCode, verdict.body).toBe(200);
      const second = await service.as('analyst', { method: 'POST', url: '/v1/cases/next', payload: {} });
      expect(second.json().id).toBe(next.json().id);
      const [all, machine] = [await search(reports, 'auditor'), await search(reports, 'analyst')];
      expect([all.length, machine.length]).toEqual([2, 1]);
      const hidden = all.map(pathOf).find((path) => !machine.map(pathOf).includes(path));
      for (const end of ['', '/metadata']) {
        for (const reader of ['analyst', 'supervisor'] as const)
          expect((await get(`${hidden}${end}`, undefined, reader)).statusCode).toBe(404);
        expect((await get(`${hidden}${end}`, undefined, 'auditor')).statusCode).toBe(200);
      }
      expect(await partsOf(study, dicom, 'analyst')).toHaveLength(3);
      expect(await partsOf(study, dicom, 'auditor')).toHaveLength(4);
    });

    test('keeps an older revision reachable by UID and lists only the newest', async () => {
      const [before] = channels;
      const list = await service.as('supervisor', { url: '/v1/scans?container=MSKU1234565' });
      const again = await service.as('supervisor', {
        method: 'POST',
        url: `${list.json().items[0].href}/convert`,
        payload: {},
      });
      if (again.statusCode === 202) await service.work();
      const now = (await search(`${study}/instances?SOPClassUID=${dx}`)).map(pathOf);
      expect(now).toHaveLength(2);
      expect((await get(`${before}/metadata`)).statusCode).toBe(200);
      channels = now;
    });
  });

  describe('instances sent by STOW-RS', () => {
    test('come back byte for byte, and transcoded where nothing else is asked', async () => {
      const sent = [fixture('big-endian/a.dcs'), fixture('big-endian/b.dcs')];
      const answer = await store(sent);
      expect(answer.statusCode, answer.body).toBe(200);
      const stored = items(answer, '00081199');
      expect(stored.map((item) => first(item, '00081155'))).toEqual(['1.2.3.2.1', '1.2.3.2.2']);
      expect(String(first(answer.json(), '00081190'))).toMatch(/\/dicomweb\/studies\/1\.2\.3\.2$/);
      for (const [i, item] of stored.entries()) {
        expect((await partsOf(pathOf(item), asStored))[0]?.bytes.equals(sent[i] ?? Buffer.alloc(0))).toBe(
          true,
        );
        const [plain] = await partsOf(pathOf(item), dicom);
        expect(plain?.type).toBe(`application/dicom; transfer-syntax=${explicitLittle}`);
      }
      const single = await get(pathOf(stored[0] ?? {}), 'application/dicom; transfer-syntax=*');
      expect(single.rawPayload.equals(sent[0] ?? Buffer.alloc(0))).toBe(true);
      await service.work();
      expect(await search('/studies/1.2.3.2/instances')).toHaveLength(2);
    });

    test('sent again are answered alike, and are there once', async () => {
      const again = await store([fixture('big-endian/a.dcs'), fixture('big-endian/b.dcs')]);
      expect(again.statusCode, again.body).toBe(200);
      expect(await partsOf('/studies/1.2.3.2', asStored)).toHaveLength(2);
    });

    test('are taken one by one: what fails says why, and the rest is stored', async () => {
      const good = fixture('colour-picture-of-a-patient/us.dcm');
      const other = changed(fixture('big-endian/a.dcs'), '1.2.3.2.1', '1.2.3.9.1');
      const clash = Buffer.from(fixture('big-endian/b.dcs'));
      clash.writeUInt8(clash.readUInt8(clash.length - 1) ^ 1, clash.length - 1);
      const answer = await store([good, clash, Buffer.from('no instance at all'.repeat(20))]);
      expect(answer.statusCode, answer.body).toBe(202);
      expect(items(answer, '00081199').map((item) => first(item, '00081155'))).toEqual(['1.2.3.4.1']);
      expect(items(answer, '00081198')).toMatchObject([
        { '00081155': { Value: ['1.2.3.2.2'] }, '00081197': { vr: 'US', Value: [0x0111] } },
      ]);
      expect(items(answer, '0008119A')).toEqual([{ '00081197': { vr: 'US', Value: [0xc000] } }]);
      const elsewhere = await store([other], '/studies/1.2.3.4');
      expect(elsewhere.statusCode).toBe(409);
      expect(first(items(elsewhere, '00081198')[0], '00081197')).toBe(0xa900);
    });

    test.each([
      [
        'data sets in JSON',
        'multipart/related; type="application/dicom+json"; boundary=x',
        415,
        'NII_MEDIA_TYPE',
      ],
      ['a form', 'multipart/form-data; boundary=x', 415, 'NII_MEDIA_TYPE'],
      ['no boundary', 'multipart/related; type="application/dicom"', 400, 'NII_BAD_REQUEST'],
      ['no part', 'multipart/related; type="application/dicom"; boundary=x', 400, 'NII_BAD_REQUEST'],
    ])('with %s are refused', async (_what, type, status, code) => {
      const request = { method: 'POST', url: '/dicomweb/studies', payload: '--x--\r\n' } as const;
      const answer = await service.as('scanner', { ...request, headers: { 'content-type': type } });
      expect(answer.json()).toMatchObject({ status, code });
    });

    test('in parts without any header are taken, and one cut in its header is refused', async () => {
      const post = (text: string, file: Buffer) =>
        service.as('scanner', {
          method: 'POST',
          url: '/dicomweb/studies',
          payload: Buffer.concat([Buffer.from(text), file, Buffer.from('\r\n--x--\r\n')]),
          headers: { 'content-type': 'multipart/related; type="application/dicom"; boundary=x' },
        });
      const bare = await post('--x\r\n\r\n', fixture('big-endian/a.dcs'));
      expect(bare.statusCode, bare.body).toBe(200);
      const cut = await post('--x\r\nContent-Type: application/dicom', Buffer.alloc(0));
      expect(cut.statusCode, cut.body).toBe(400);
      const twice = await store([fixture('big-endian/a.dcs'), fixture('big-endian/a.dcs')]);
      expect(twice.statusCode, twice.body).toBe(200);
    });

    test('of another site, past the limit, or cut short are refused whole', async () => {
      const { payload, headers } = relatedBody([fixture('big-endian/a.dcs')]);
      const post = (url: string, body: Buffer) =>
        service.as('scanner', { method: 'POST', url: `/dicomweb${url}`, payload: body, headers });
      expect((await post('/studies?site=elsewhere', payload)).statusCode).toBe(403);
      expect((await post('/studies', payload.subarray(0, payload.length - 20))).json().code).toBe(
        'NII_BAD_REQUEST',
      );
      const large = relatedBody([Buffer.alloc(1200 * 1024)]);
      expect((await post('/studies', large.payload)).json().code).toBe('NII_LIMIT_BYTES');
      const many = relatedBody(Array.from({ length: 9 }, () => fixture('big-endian/a.dcs')));
      expect((await post('/studies', many.payload)).json().code).toBe('NII_LIMIT_FILES');
    });
  });

  describe('a search', () => {
    test('finds a vehicle by each of its containers', async () => {
      const payload = fakeScan({ ...order, seed: 91, containers: 'TEMU1000000,HLXU1000000' });
      const headers = { 'content-type': 'application/octet-stream' };
      await service.as('scanner', { method: 'POST', url: '/v1/scans?name=two.fake', payload, headers });
      await service.work();
      const byFirst = await search('/studies?PatientID=TEMU1000000');
      expect(byFirst).toHaveLength(1);
      for (const asked of ['HLXU1000000', 'HLXU*', 'HLX?10000*'])
        expect(await search(`/studies?PatientID=${asked}`)).toEqual(byFirst);
      expect(await search('/studies?PatientID=HLXU1000001')).toEqual([]);
    });

    test.each([
      ['keywords', '/studies?PatientID=MSKU1234565', 1],
      ['tags', '/studies?00100020=MSKU1234565', 1],
      ['wildcards', '/studies?PatientID=MSK?1234*', 1],
      ['a range of dates', '/studies?StudyDate=19000101-20991231&PatientID=MSKU*', 1],
      ['a range that ends before', '/studies?StudyDate=-19000101&PatientID=MSKU*', 0],
      ['a modality of the study', '/studies?ModalitiesInStudy=TDR&PatientID=MSKU*', 1],
      ['a modality that the study lacks', '/studies?ModalitiesInStudy=MR&PatientID=MSKU*', 0],
      ['several UIDs', '/instances?SOPInstanceUID=1.2.3.2.1,1.2.3.2.2', 2],
      ['series of every study', '/series?SOPClassUID=1.2.840.10008.5.1.4.1.1.6.1', 1],
      ['an empty value, which matches all', '/studies?PatientID=MSKU*&AccessionNumber=', 1],
    ])('takes %s', async (_what, path, count) => {
      expect(await search(path)).toHaveLength(count);
    });

    test('says when there is more, and gives the rest from there', async () => {
      const one = await get('/instances?limit=1');
      expect(one.json()).toHaveLength(1);
      expect(one.headers.warning).toMatch(/^299 nii-hub "There are more results/);
      const all = await search('/instances');
      const rest = await get(`/instances?offset=${all.length - 1}`);
      expect(rest.json()).toEqual(all.slice(-1));
      expect(rest.headers.warning).toBeUndefined();
    });

    test('says what it does not do', async () => {
      const answer = await get('/studies?fuzzymatching=true&NumberOfStudyRelatedInstances=3');
      expect(answer.headers.warning).toContain('fuzzymatching, NumberOfStudyRelatedInstances');
    });

    test('says so of keys that no header can carry as they are', async () => {
      const answer = await get(`/studies?${encodeURIComponent('\u20ac\n.x')}=1`);
      expect(answer.statusCode, answer.body).toBe(200);
      expect(answer.headers.warning).toBe('299 nii-hub "These parameters are not supported:   .x"');
    });

    test('adds what is asked for', async () => {
      const one = `/instances?SOPInstanceUID=1.2.3.2.1`;
      const [plain] = await search(one);
      const [more] = await search(`${one}&includefield=BitsStored,00280102`);
      const [whole] = await search(`${one}&includefield=all`);
      expect([plain, more, whole].map((found) => found?.['00280102'] !== undefined)).toEqual([
        false,
        true,
        true,
      ]);
      expect(more?.['00280101']?.Value).toHaveLength(1);
    });

    test.each([
      '/studies?Colour=red',
      '/studies?StudyInstanceUID=abc',
      '/studies?StudyDate=yesterday',
      '/studies?limit=x',
    ])('refuses %s', async (path) => {
      expect((await get(path)).json()).toMatchObject({ status: 400, code: 'NII_BAD_REQUEST' });
    });
  });

  describe('what a viewer accepts', () => {
    test.each([
      ['no header', undefined, explicitLittle],
      ['anything', '*/*', explicitLittle],
      ['the less wanted second', `${dicom}; transfer-syntax=1.2.3; q=0.9, ${dicom}; q=0.5`, explicitLittle],
      ['JPEG-LS', `${dicom}; transfer-syntax=1.2.840.10008.1.2.4.80`, '1.2.840.10008.1.2.4.80'],
      ['RLE', `${dicom}; transfer-syntax=1.2.840.10008.1.2.5`, '1.2.840.10008.1.2.5'],
    ])('as %s is what it gets', async (_what, accept, syntax) => {
      const [part] =
        accept === undefined
          ? relatedParts(await get(channels[0] ?? ''))
          : await partsOf(channels[0] ?? '', accept);
      expect(part?.type).toBe(`application/dicom; transfer-syntax=${syntax}`);
    });

    test.each([
      ['', 'image/png'],
      ['', `${dicom}; transfer-syntax=1.2.3`],
      ['/metadata', 'multipart/related; type="application/dicom+xml"'],
      ['/frames/1', 'multipart/related; type="video/mp4"'],
      ['/rendered', 'application/dicom'],
    ])('is refused with 406 where %s cannot be %s', async (end, accept) => {
      expect((await get(`${channels[0]}${end}`, accept)).json()).toMatchObject({
        code: 'NII_NOT_ACCEPTABLE',
      });
    });

    test.runIf(hasDicomTools())('as compressed frames decodes to the same samples', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'nii-frames-'));
      const path = join(folder, 'jls.dcm');
      const [file] = await partsOf(channels[0] ?? '', `${dicom}; transfer-syntax=1.2.840.10008.1.2.4.80`);
      writeFileSync(path, file?.bytes ?? '');
      execFileSync('dcmdjpls', [path, `${path}.raw`]);
      const script = 'import sys, pydicom; sys.stdout.buffer.write(pydicom.dcmread(sys.argv[1]).PixelData)';
      const decoded = execFileSync('/usr/bin/python3', ['-c', script, `${path}.raw`]);
      rmSync(folder, { recursive: true });
      const [plain] = await partsOf(`${channels[0]}/frames/1`, octets);
      expect(decoded.equals(plain?.bytes ?? Buffer.alloc(0))).toBe(true);
      const [jls] = await partsOf(`${channels[0]}/frames/1`, 'multipart/related; type="image/jls"');
      expect(jls?.type).toBe('image/jls; transfer-syntax=1.2.840.10008.1.2.4.80');
      expect(file?.bytes.includes(jls?.bytes ?? 'none')).toBe(true);
    });
  });

  describe('metadata', () => {
    test.runIf(hasDicomTools())(
      'is the data set as DCMTK reads it, with the pixels under an address',
      async () => {
        const folder = mkdtempSync(join(tmpdir(), 'nii-metadata-'));
        const path = join(folder, 'a.dcm');
        const [file] = await partsOf(channels[0] ?? '', dicom);
        writeFileSync(path, file?.bytes ?? '');
        const theirs = JSON.parse(execFileSync('dcm2json', ['-fc', path], { encoding: 'utf8' })) as Item;
        rmSync(folder, { recursive: true });
        const answer = await get(`${channels[0]}/metadata`, 'application/dicom+json');
        const [ours] = answer.json() as Item[];
        const pixels = ours?.['7FE00010'];
        const bulk = new URL(String(pixels?.BulkDataURI)).pathname;
        const value = await get(bulk.replace('/dicomweb', ''), 'application/octet-stream');
        const [frame] = await partsOf(`${channels[0]}/frames/1`, octets);
        const without = (dataSet: Item | undefined) => {
          const {
            '7FE00010': _pixels,
            '00083002': _syntaxes,
            '00080005': _characters,
            ...rest
          } = dataSet ?? {};
          return rest;
        };
        expect(without(ours)).toEqual(without(theirs));
        if (value.statusCode === 200)
          expect(value.rawPayload.equals(frame?.bytes ?? Buffer.alloc(0))).toBe(true);
        else expect(value.json().code).toBe('NII_NOT_FOUND');
      },
    );

    test('of a study is a list of all its instances', async () => {
      const answer = await get(`${study}/metadata`);
      expect(answer.headers['content-type']).toBe('application/dicom+json');
      expect(answer.json().length).toBe((await search(`${study}/instances`)).length);
    });
  });

  describe('a picture', () => {
    test('has the size of the frame, and greys by the window asked for', async () => {
      const answer = await get(`${channels[0]}/rendered?window=50000,2,linear-exact`, 'image/png');
      expect(answer.statusCode, answer.body).toBe(200);
      const { data, info } = await sharp(answer.rawPayload).raw().toBuffer({ resolveWithObject: true });
      expect([info.width, info.height]).toEqual([30, 20]);
      const [part] = await partsOf(`${channels[0]}/frames/1`, octets);
      const samples = Array.from({ length: 600 }, (_, i) => part?.bytes.readUInt16LE(i * 2) ?? 0);
      const bright = samples.map((sample) => (sample > 50_000 ? 255 : 0));
      const seen = Array.from({ length: 600 }, (_, i) => data[i * info.channels]);
      const isEdge = (i: number) => Math.abs((samples[i] ?? 0) - 50_000) <= 1;
      expect(seen.filter((grey, i) => !isEdge(i) && grey !== bright[i])).toEqual([]);
      expect(new Set(bright)).toEqual(new Set([0, 255]));
    });

    test('fits its viewport, and may be a part of the frame, or a thumbnail', async () => {
      const size = async (path: string, accept = 'image/jpeg') => {
        const { width, height, format } = await sharp((await get(path, accept)).rawPayload).metadata();
        return [width, height, format];
      };
      expect(await size(`${channels[0]}/rendered?viewport=15,15`)).toEqual([15, 10, 'jpeg']);
      expect(await size(`${channels[0]}/rendered?viewport=10,10,5,5,10,10`, 'image/png')).toEqual([
        10,
        10,
        'png',
      ]);
      expect(await size(`${channels[0]}/frames/1/rendered`)).toEqual([30, 20, 'jpeg']);
      expect((await size(`${study}/thumbnail`))[2]).toBe('jpeg');
      expect(await size('/studies/1.2.3.4/thumbnail', 'image/png')).toContain('png');
      for (const bad of [
        'viewport=10,10,25,15,10,10',
        'viewport=0,1',
        'window=1',
        'window=1,0',
        'quality=0',
      ]) {
        expect([bad, (await get(`${channels[0]}/rendered?${bad}`)).statusCode]).toEqual([bad, 400]);
      }
      expect((await get(`${channels[0]}/frames/2/rendered`)).statusCode).toBe(404);
    });
  });

  test('a HEAD has the headers of its GET and no body', async () => {
    for (const end of ['', '/metadata', '/frames/1', '/rendered']) {
      const answer = await service.as('supervisor', { method: 'HEAD', url: `/dicomweb${channels[0]}${end}` });
      expect([end, answer.statusCode, answer.rawPayload.length]).toEqual([end, 200, 0]);
    }
  });

  test('whoever views an instance is in the audit, with what was seen', async () => {
    await get(`${channels[0]}/rendered`, 'image/png', 'data-scientist');
    const trail = await service.deps.records.transaction((tx) =>
      tx.auditTrail({ administration: ADMINISTRATION, site: '*' }, 500),
    );
    const entry = trail.rows.findLast(({ action }) => action === 'view instance picture');
    expect(entry?.actor.role).toBe('data-scientist');
    expect(channels[0]).toContain(String(entry?.detail.instanceUid));
  });

  test('what belongs to another administration or site is not there', async () => {
    for (const [administration, site] of [
      ['elsewhere', '*'],
      ['utopia', 'airport'],
    ] as const) {
      const token = await service.newToken('supervisor', administration, site);
      const headers = { authorization: `Bearer ${token}` };
      const list = await service.app.inject({ url: '/dicomweb/studies', headers });
      expect(list.json()).toEqual([]);
      const one = await service.app.inject({ url: `/dicomweb${channels[0]}`, headers });
      expect(one.statusCode).toBe(404);
    }
  });

  test('a reindex brings back the same answers to every search, and verify finds nothing amiss', async () => {
    const all = async () => [
      await search('/instances?includefield=all'),
      await search('/studies'),
      await search('/series'),
    ];
    const before = await all();
    await reindex(service.deps);
    expect(await all()).toEqual(before);
    const { missing, corrupt } = await verifyAll(service.deps);
    expect([missing, corrupt]).toEqual([[], []]);
  });
});
