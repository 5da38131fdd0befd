import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scope } from '../../../../src/core/access.ts';
import type { AttributeMatch, InstanceRow } from '../../../../src/core/ports/records/instances.ts';
import type { Records, RecordsTx } from '../../../../src/core/ports/records.ts';
import { anySite, fresh, scope } from '../sample-records.ts';

const all = { matches: [], reports: 'all' } as const;

function instanceRow(changes: Partial<InstanceRow> = {}): InstanceRow {
  const key = fresh('scans/x/r1/dicos/a');
  return {
    ...scope,
    key,
    bytes: 2 ** 33,
    sha256: 'ab',
    scanId: 'scan-of-instances',
    revision: 1,
    source: 'dicos',
    studyUid: '1.2.1',
    seriesUid: '1.2.1.1',
    instanceUid: fresh('1.2.1.1'),
    sopClass: '1.2.840.10008.5.1.4.1.1.501.2.2',
    transferSyntax: '1.2.840.10008.1.2.1',
    modality: 'XRAY',
    frames: 1,
    headBytes: 2000,
    attributes: { '00100020': { vr: 'LO', Value: ['MSKU1234565'] } },
    ...changes,
  };
}

/** The index of DICOM instances. `open` gives a handle on one database. */
export function instancesContract(name: string, open: () => Promise<Records>): void {
  describe(`the index of instances on ${name}`, () => {
    let records: Records;
    beforeAll(async () => {
      records = await open();
    });
    afterAll(async () => {
      await records?.close();
    });
    const inTx = <T>(work: (tx: RecordsTx) => Promise<T>): Promise<T> => records.transaction(work);

    /** An administration that no other test looks at, with its rows listed. */
    async function listed(
      rows: readonly Partial<InstanceRow>[],
    ): Promise<{ at: Scope; rows: InstanceRow[] }> {
      const administration = fresh('administration');
      const scanId = fresh('scan');
      const put = rows.map((row) => instanceRow({ administration, scanId, ...row }));
      await inTx(async (tx) => {
        await tx.putInstances(put);
        await tx.listInstances(
          scanId,
          put.map(({ key }) => key),
        );
      });
      return { at: { administration, site: '*' }, rows: put };
    }

    async function found(at: Scope, ...matches: AttributeMatch[]): Promise<readonly string[]> {
      const rows = await inTx((tx) => tx.findInstances(at, { ...all, matches }, 100, 0));
      return rows.map(({ instanceUid }) => instanceUid);
    }

    it('gives a row back as it was put in, and the newer one of the same object', async () => {
      const row = instanceRow({ scanId: fresh('scan'), report: 'person', frames: 0 });
      await inTx((tx) => tx.putInstances([row]));
      expect(await inTx((tx) => tx.instancesOfScan(row.scanId))).toEqual([row]);
      const newer = { ...row, revision: 2, modality: 'CT' };
      await inTx((tx) => tx.putInstances([newer]));
      expect(await inTx((tx) => tx.instancesOfScan(row.scanId))).toEqual([newer]);
    });

    it('finds only what is listed, at this site or any of the administration', async () => {
      const { at, rows } = await listed([{ site: 'north' }, { site: 'south' }]);
      const [north, south] = rows.map(({ instanceUid }) => instanceUid);
      expect(new Set(await found(at))).toEqual(new Set([north, south]));
      expect(await found({ ...at, site: 'south' })).toEqual([south]);
      expect(await found({ ...anySite, administration: 'other' })).toEqual([]);
      await inTx((tx) => tx.listInstances(rows[0]?.scanId ?? '', [rows[0]?.key ?? '']));
      expect(await found(at)).toEqual([north]);
    });

    it.each<[string, AttributeMatch, readonly string[]]>([
      ['one of several UIDs', { tag: '0020000D', oneOf: ['1.2.1', '9.9'] }, ['1', '2']],
      ['a pattern, whatever the case', { tag: '00100010', like: 'm?LLER*' }, ['1']],
      ['a pattern with a character that SQL would read', { tag: '00100010', like: '100%*' }, ['3']],
      ['a range of dates', { tag: '00080020', from: '20261101', to: '20261130' }, ['1', '2']],
      ['an open range', { tag: '00080020', from: '20261125' }, ['2', '3']],
      ['an attribute without a column of its own', { tag: '00081030', oneOf: ['gate'] }, ['2']],
      ['a modality of the study', { tag: '00080061', oneOf: ['TDR'] }, ['1', '2']],
      ['a modality of the instance', { tag: '00080060', oneOf: ['TDR'] }, ['2']],
    ])('matches %s', async (_what, match, expected) => {
      const { at } = await listed([
        {
          instanceUid: '1',
          attributes: {
            '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Cargo' }] },
            '00080020': { vr: 'DA', Value: ['20261124'] },
          },
        },
        {
          instanceUid: '2',
          modality: 'TDR',
          attributes: {
            '00080020': { vr: 'DA', Value: ['20261125'] },
            '00081030': { vr: 'LO', Value: ['gate'] },
          },
        },
        {
          instanceUid: '3',
          studyUid: '1.2.2',
          attributes: {
            '00100010': { vr: 'PN', Value: [{ Alphabetic: '100% full' }] },
            '00080020': { vr: 'DA', Value: ['20261201'] },
          },
        },
      ]);
      expect([...(await found(at, match))].sort((a, b) => (a < b ? -1 : 1))).toEqual(expected);
    });

    it('hides what people decided, or every report, from whoever may not see it', async () => {
      const { at } = await listed([
        { instanceUid: '1' },
        { instanceUid: '2', report: 'machine', source: 'tdr' },
        { instanceUid: '3', report: 'person', source: 'tdr', caseId: fresh('case') },
        { instanceUid: '4', report: 'person', source: 'original' },
      ]);
      const seen = async (reports: 'all' | 'machine' | 'none') => {
        const rows = await inTx((tx) => tx.findInstances(at, { matches: [], reports }, 100, 0));
        const under = await inTx((tx) => tx.instancesUnder(at, { studyUid: '1.2.1' }, reports));
        const [group] = await inTx((tx) =>
          tx.findInstanceGroups('study', at, { matches: [], reports }, 10, 0),
        );
        expect(under.map(({ instanceUid }) => instanceUid)).toEqual(rows.map((row) => row.instanceUid));
        expect(group?.instances).toBe(rows.length);
        return rows.map(({ instanceUid }) => instanceUid);
      };
      expect(await seen('all')).toEqual(['1', '2', '3', '4']);
      expect(await seen('machine')).toEqual(['1', '2', '4']);
      expect(await seen('none')).toEqual(['1']);
    });

    it('counts over the whole study what one of its instances matched, newest study first, page by page', async () => {
      const dated = (date: string) => ({ '00080020': { vr: 'DA', Value: [date] } });
      const { at } = await listed([
        { studyUid: '1', seriesUid: '1.1', attributes: dated('20260101') },
        { studyUid: '1', seriesUid: '1.2', modality: 'TDR', attributes: dated('20260101') },
        { studyUid: '2', seriesUid: '2.1', attributes: dated('20260301') },
        { studyUid: '3', seriesUid: '3.1', attributes: dated('20260201') },
      ]);
      const groups = (level: 'study' | 'series', matches: AttributeMatch[], limit = 10, offset = 0) =>
        inTx((tx) => tx.findInstanceGroups(level, at, { ...all, matches }, limit, offset));
      const order = (await groups('study', [])).map(({ studyUid }) => studyUid);
      expect(order).toEqual(['2', '3', '1']);
      expect((await groups('study', [], 2, 1)).map(({ studyUid }) => studyUid)).toEqual(['3', '1']);
      expect(await groups('study', [{ tag: '0020000E', oneOf: ['1.2'] }])).toMatchObject([
        { studyUid: '1', series: 2, instances: 2, modalities: ['TDR', 'XRAY'] },
      ]);
      const series = await groups('series', [{ tag: '0020000D', oneOf: ['1'] }]);
      expect(series.map(({ seriesUid, instances }) => [seriesUid, instances])).toEqual([
        ['1.1', 1],
        ['1.2', 1],
      ]);
    });

    it('names a study with several dates once, where its newest instance that matches stands; without a date last', async () => {
      const dated = (date: string) => ({ '00080020': { vr: 'DA', Value: [date] } });
      const { at } = await listed([
        { studyUid: '1', attributes: dated('20260101') },
        { studyUid: '1', attributes: dated('20260401') },
        { studyUid: '1', attributes: {} },
        { studyUid: '2', attributes: dated('20260301') },
        { studyUid: '3', attributes: {} },
      ]);
      const order = async (matches: AttributeMatch[]) =>
        (await inTx((tx) => tx.findInstanceGroups('study', at, { ...all, matches }, 10, 0))).map(
          ({ studyUid }) => studyUid,
        );
      expect(await order([])).toEqual(['1', '2', '3']);
      expect(await order([{ tag: '00080020', to: '20260331' }])).toEqual(['2', '1']);
    });

    it('gives by UID what is listed, and what an older revision had where nothing else has that UID', async () => {
      const administration = fresh('administration');
      const scanId = fresh('scan');
      const at = { administration, site: '*' };
      const mine = { administration, scanId };
      const old = instanceRow({ ...mine, instanceUid: '1', seriesUid: '5.1' });
      const now = instanceRow({ ...mine, instanceUid: '2', seriesUid: '5.2', revision: 2 });
      await inTx(async (tx) => {
        await tx.putInstances([old, now]);
        await tx.listInstances(scanId, [now.key]);
      });
      const under = (seriesUid?: string) =>
        inTx((tx) =>
          tx.instancesUnder(
            at,
            { studyUid: '1.2.1', ...(seriesUid === undefined ? {} : { seriesUid }) },
            'all',
          ),
        );
      expect(await under()).toEqual([now]);
      expect(await under('5.1')).toEqual([old]);
      expect(await under('5.3')).toEqual([]);
    });

    it('finds originals of a site by their UID, and reports by what they refer to, listed or not', async () => {
      const administration = fresh('administration');
      const mine = { administration, site: 'north', source: 'original' } as const;
      const image = instanceRow({ ...mine, scanId: fresh('scan'), instanceUid: '1' });
      const report = instanceRow({
        ...mine,
        scanId: fresh('scan'),
        instanceUid: '2',
        references: ['1', '7'],
      });
      const ours = instanceRow({ ...mine, source: 'dicos', instanceUid: '1' });
      const elsewhere = instanceRow({ ...mine, site: 'south', instanceUid: '1', references: ['7'] });
      await inTx((tx) => tx.putInstances([image, report, ours, elsewhere]));
      const place = { administration, site: 'north' };
      expect(await inTx((tx) => tx.originalsNamed(place, ['1', '5'], 9))).toEqual([image]);
      expect(await inTx((tx) => tx.originalsNamed(place, [], 9))).toEqual([]);
      expect(await inTx((tx) => tx.reportsOn(place, ['7'], 9))).toEqual([report]);
      expect(await inTx((tx) => tx.reportsOn(place, ['1', '7'], 0))).toEqual([]);
      expect(await inTx((tx) => tx.reportsOn(place, [], 9))).toEqual([]);
    });

    it('has one row for each instance UID, however many objects hold it', async () => {
      const { at } = await listed([
        { instanceUid: '1', site: 'north' },
        { instanceUid: '1', site: 'south', revision: 2 },
      ]);
      const rows = await inTx((tx) => tx.instancesUnder(at, { studyUid: '1.2.1' }, 'all'));
      expect(rows.map(({ site }) => site)).toEqual(['south']);
    });
  });
}
