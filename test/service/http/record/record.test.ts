import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeNpy } from '../../../../src/codec/npy.ts';
import { termKinds } from '../../../../src/core/trade/terms.ts';
import { reindex } from '../../../../src/maintenance/reindex/reindex.ts';
import { form } from '../../../support/fake-scan.ts';
import { ADMINISTRATION, type Harness, openHarness, SITE } from '../../../support/harness.ts';
import { fullRecord } from '../../../support/record/full-record.ts';
import { story } from '../../../support/vitest/story.ts';

let service: Harness;
beforeAll(async () => {
  const codeLists = new Map([['locode', new Set(['NLAMS'])]] as const);
  service = await openHarness({ deps: { codeLists } });
});
afterAll(async () => {
  await service.close();
  expect(service.wrongAnswers).toEqual([]);
});

const full = fullRecord();
const [unit] = full.units;

/** Rows and columns of a picture in which every sample counts. */
const array = (seed: number) =>
  writeNpy(
    '<u2',
    [24, 32],
    Uint8Array.from({ length: 24 * 32 * 2 }, (_, i) => (i * seed) % 251),
  );

function sidecarOf(changes: Readonly<Record<string, unknown>> = {}) {
  const { place, scanner: scannerFacts, lane, visit, site, scannerId: scanner } = full.source;
  const {
    plates,
    plateDetails,
    declarations,
    seals,
    sealDetails,
    tareKg,
    verifiedGrossMassKg,
    unNumbers,
    description,
  } = unit ?? {};
  return {
    niiSidecar: '1.1',
    channels: [{ id: 'high', kind: 'transmission', energy: 'high', openBeam: 60_000 }],
    pixelPitchMm: { row: 5, column: 5 },
    acquired: full.acquired,
    site,
    lane,
    visit,
    place,
    scanner,
    scannerFacts,
    consignments: full.consignments,
    control: full.control,
    units: [
      {
        container: 'CSQU3054383',
        kind: 'container',
        sizeType: '22G1',
        columns: { from: 2, to: 30 },
        plates,
        plateDetails,
        declarations,
        seals,
        sealDetails,
        tareKg,
        verifiedGrossMassKg,
        unNumbers,
        description,
      },
    ],
    ...changes,
  };
}

async function sent(name: string, seed: number, sidecar: object, query = ''): Promise<string> {
  const { payload, headers } = form([
    { file: `${name}.npy`, bytes: array(seed) },
    { file: `${name}.json`, bytes: Buffer.from(JSON.stringify(sidecar)) },
  ]);
  const answer = await service.as('scanner', { method: 'POST', url: `/v1/scans${query}`, payload, headers });
  expect(answer.statusCode, answer.body).toBe(202);
  await service.work();
  return answer.json().scans[0].scanId;
}

const recordOf = async (id: string, query = '') =>
  (await service.as('supervisor', { url: `/v1/scans/${id}/revisions/1/scan.json${query}` })).json();

/** What of the record the sidecar says; the view of such a file has a name of its own. */
function comparable({ source, units, consignments, control }: typeof full) {
  const { format: _, manufacturer: __, model: ___, serial: ____, software: _____, ...rest } = source;
  const there = units.map(({ extent, containers, ...one }) => ({
    ...one,
    columns: [extent?.from, extent?.to],
    containers: containers.map(({ value, sizeType }) => ({ value, sizeType })),
  }));
  return { source: rest, units: there, consignments, control };
}

story('one service that is filled and searched', () => {
  describe('the record of a scan', () => {
    let id: string;
    beforeAll(async () => {
      id = await sent('full', 7, sidecarOf());
    });

    test('holds every field that the files say', async () => {
      expect(comparable(await recordOf(id))).toEqual(comparable(full));
    });

    test('names a code that the list of the administration does not hold', async () => {
      const { warnings } = await recordOf(id);
      const unknown = warnings.filter(({ code }: { code: string }) => code === 'NII_W_CODE_UNKNOWN');
      expect(unknown.map(({ field, value }: { field: string; value: string }) => [field, value])).toEqual([
        ['/source/place/locode', 'NLRTM'],
        ['/consignments/0/route/0/locode', 'NLRTM'],
      ]);
    });

    test('is given out without the fields of a class, with a hash of its own', async () => {
      const url = `/v1/scans/${id}/revisions/1/scan.json`;
      const whole = await service.as('supervisor', { url });
      const masked = await service.as('supervisor', { url: `${url}?without=personal&without=commercial` });
      expect(whole.body).toMatch(/person/);
      expect(masked.body).not.toMatch(/person-|trade-|CSQU/);
      expect(masked.headers.etag).not.toBe(whole.headers.etag);
      const again = {
        url: `${url}?without=personal&without=commercial`,
        headers: { 'if-none-match': String(masked.headers.etag) },
      };
      expect((await service.as('supervisor', again)).statusCode).toBe(304);
      const one = await service.as('supervisor', { url: `${url}?without=personal` });
      expect([one.statusCode, /person-/.test(one.body), /trade-/.test(one.body)]).toEqual([200, false, true]);
      const wrong = await service.as('supervisor', { url: `${url}?without=technical` });
      expect([wrong.statusCode, wrong.json().code]).toEqual([400, 'NII_BAD_REQUEST']);
    });

    const asWritten: Readonly<Record<(typeof termKinds)[number], string>> = {
      plate: 'PERSON plate',
      seal: 'trade seal',
      declaration: '26 nltrade 00000017',
      ucr: '6nl123456789trade',
      document: 'TRADE BL 1',
      imo: '9074729',
      locode: 'NL RTM',
      'customs-office': 'nl000396',
    };
    const found = async (query: string) =>
      (await service.as('supervisor', { url: `/v1/scans?${query}` }))
        .json()
        .items.map((one: { id: string }) => one.id);

    test.each(termKinds)('is found by its %s, however it is written, and not by another', async (kind) => {
      const other = await sent(`other-${kind}`, 11 + termKinds.indexOf(kind), {
        niiSidecar: '1.1',
        channels: [{ id: 'a', kind: 'unknown' }],
      });
      const asked = `${kind}=${encodeURIComponent(asWritten[kind])}`;
      expect(await found(asked)).toEqual([id]);
      expect(await found(`${asked}9`)).toEqual([]);
      expect(other).not.toBe(id);
    });

    test('is found by two of them together, where both are of it', async () => {
      expect(await found('plate=person-plate&imo=9074729')).toEqual([id]);
      expect(await found('plate=person-plate&imo=9074717')).toEqual([]);
    });

    test('is back, and found, after a reindex', async () => {
      const before = await recordOf(id);
      expect((await reindex(service.deps)).damaged).toEqual([]);
      expect(await recordOf(id)).toEqual(before);
      expect(await found('seal=trade-seal')).toEqual([id]);
    });
  });

  describe('what an administration says of site and scanner', () => {
    const place = {
      country: 'NL',
      customsOffice: 'NL000510',
      locode: 'NLAMS',
      coordinates: { latitude: 52.4, longitude: 4.8 },
    };
    const facts = { type: 'gantry', energiesMev: [9], doseMicrosievert: 3 };

    test('stands in the record of the next scan whose files do not say it, and never in place of what they say', async () => {
      const bare = { niiSidecar: '1.1', channels: [{ id: 'a', kind: 'unknown' }], scanner: 'gate 1' };
      const first = await sent('before', 101, bare);
      expect((await recordOf(first)).source).not.toHaveProperty('place');
      const site = await service.as('administrator', {
        method: 'PUT',
        url: `/v1/sites/${SITE}`,
        headers: { 'if-match': '"0"' },
        payload: { mode: 'live', windows: [], zone: 'Europe/Amsterdam', place },
      });
      expect(site.statusCode, site.body).toBe(202);
      const other = await service.newToken('administrator', ADMINISTRATION, SITE);
      const confirmed = await service.ask(other, {
        method: 'POST',
        url: `/v1/sites/${SITE}/confirmation`,
        headers: { 'if-match': String(site.headers.etag) },
      });
      expect(confirmed.statusCode, confirmed.body).toBe(200);
      const scanner = `/v1/scanners/${SITE}/numpy-array.gate-1`;
      const { etag } = (await service.as('administrator', { url: scanner })).headers;
      const put = await service.as('administrator', {
        method: 'PUT',
        url: scanner,
        headers: { 'if-match': String(etag) },
        payload: { sendersAllowed: [], facts },
      });
      expect(put.statusCode, put.body).toBe(200);
      const second = await recordOf(await sent('after', 103, bare));
      expect(second.source.place).toEqual({ ...place, zone: 'Europe/Amsterdam' });
      expect(second.source.scanner).toEqual(facts);
      const stated = await recordOf(
        await sent('stated', 107, { ...bare, place: { locode: 'NLRTM' }, scannerFacts: { type: 'portal' } }),
      );
      expect(stated.source.place).toEqual({ locode: 'NLRTM' });
      expect(stated.source.scanner).toEqual({ ...facts, type: 'portal' });
    });
  });

  describe('a declaration with the data elements of SAFE', () => {
    const [consignment] = full.consignments ?? [];
    const { units: _, ...elements } = consignment ?? {};
    const put = (ref: string, body: object) =>
      service.as('lane', { method: 'PUT', url: `/v1/declarations/${ref}`, payload: body });

    test('is kept as it was stated, and its HS codes count', async () => {
      const answer = await put('D-1', { containers: [], consignment: elements });
      expect(answer.statusCode, answer.body).toBeLessThan(300);
      const kept = (await service.as('supervisor', { url: '/v1/declarations/D-1' })).json();
      expect(kept.body.consignment).toEqual(elements);
      expect(kept.body.hsCodes).toEqual(['847130']);
    });

    test('is rejected with the wrong code and what is allowed', async () => {
      const answer = await put('D-2', { containers: [], consignment: { means: [{ imo: '9074728' }] } });
      expect([answer.statusCode, answer.json().field]).toEqual([400, '/consignment/means/0/imo']);
      expect(answer.json().detail).toContain('"9074728"');
    });
  });
});
