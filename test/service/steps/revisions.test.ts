import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../../src/codec/npy.ts';
import { decideCase } from '../../../src/commands/cases.ts';
import { claimCase } from '../../../src/commands/claims.ts';
import type { AcceptedScan } from '../../../src/core/upload.ts';
import { reindex } from '../../../src/maintenance/reindex/reindex.ts';
import { getLaneInstruction, getRevision, getScan } from '../../../src/queries/read.ts';
import { simulateToFiles } from '../../../src/simulate/index.ts';
import { type Harness, openHarness } from '../../support/harness.ts';
import { actor, movableClock, type NamedBytes, send } from '../../support/stage.ts';

const clock = movableClock('2026-05-01T08:00:00.000Z');
let service: Harness;

beforeAll(async () => {
  service = await openHarness({ deps: { clock } });
});
afterAll(async () => {
  await service.close();
});

const PITCH_MM = 40;

function fs6000(seed: number, stem: string, container: '20ft' | '2x20ft' = '20ft'): readonly NamedBytes[] {
  return simulateToFiles({ layout: 'nuctech-fs6000', seed, stem, pitchMm: PITCH_MM, container });
}

function part(files: readonly NamedBytes[], ending: string): NamedBytes {
  const found = files.find((file) => file.name.endsWith(ending));
  if (found === undefined) throw new Error(`no ${ending} in ${files.map((file) => file.name).join(', ')}`);
  return found;
}

async function only(files: readonly NamedBytes[]): Promise<AcceptedScan> {
  const accepted = await send(service.deps, files);
  expect(accepted).toHaveLength(1);
  await service.work();
  return accepted[0]!;
}

async function casesOf(scanId: string) {
  return service.deps.records.transaction((tx) => tx.casesOfScan(scanId));
}

describe('files of one scan', () => {
  it('a description without a time takes the time of the one before it back, as a rebuilt database does', async () => {
    const sidecar = (more: object) => ({
      name: 'timed.json',
      bytes: Buffer.from(
        JSON.stringify({ niiSidecar: '1.0', channels: [{ id: 'only', kind: 'unknown' }], ...more }),
      ),
    });
    const array = { name: 'timed.npy', bytes: writeNpy('<u2', [8, 8], new Uint8Array(128).fill(3)) };
    const acquired = '2026-04-30T05:06:07Z';
    const first = await only([array, sidecar({ acquired })]);
    const rowOf = () => service.deps.records.transaction((tx) => tx.scanById(first.scanId));
    expect(Date.parse((await rowOf())?.acquiredAt ?? '')).toBe(Date.parse(acquired));
    expect(await only([sidecar({})])).toMatchObject({ scanId: first.scanId, revision: 2 });
    const row = await rowOf();
    expect(row).not.toHaveProperty('acquiredAt');
    await reindex(service.deps);
    expect(await rowOf()).toEqual(row);
  });

  it('that come 30 s apart are one scan in two revisions with one case, which says that it was revised', async () => {
    const files = fs6000(1, 'late');
    const first = await only(files.filter((file) => !file.name.endsWith('material.img')));
    expect(first.result).toBe('new-scan');
    clock.advance(30);
    const second = await only([part(files, 'material.img')]);
    expect(second).toMatchObject({ scanId: first.scanId, revision: 2, result: 'new-revision' });
    const { scan, revisions } = await getScan(service.deps, actor('supervisor'), first.scanId);
    expect(revisions.map((row) => [row.revision, row.scan?.completeness])).toEqual([
      [1, 'no-material'],
      [2, 'full'],
    ]);
    expect(scan).toMatchObject({ revision: 2, completeness: 'full', state: 'analysed' });
    const cases = await casesOf(first.scanId);
    expect(cases).toHaveLength(1);
    expect(cases[0]?.history.map((event) => event.kind)).toEqual(['opened', 'revised']);
    expect(cases[0]?.revision).toBe(2);
  });

  it('of which the material file comes first, alone, become one scan as well', async () => {
    const files = fs6000(2, 'early');
    const first = await only([part(files, 'material.img')]);
    const second = await only(files.filter((file) => !file.name.endsWith('material.img')));
    expect(second).toMatchObject({ scanId: first.scanId, revision: 2 });
    expect(
      (await getRevision(service.deps, actor('supervisor'), first.scanId, 'latest')).revision.scan
        ?.completeness,
    ).toBe('full');
    expect(await casesOf(first.scanId)).toHaveLength(1);
  });

  it('of which one channel was still being written are whole with the repaired channel; the late stump changes nothing', async () => {
    const files = fs6000(3, 'growing');
    const low = part(files, 'low.img');
    const stump = { ...low, bytes: low.bytes.subarray(0, 2048) };
    const others = files.filter((file) => file !== low);
    const first = await only([...others, stump]);
    const before = (await getRevision(service.deps, actor('supervisor'), first.scanId, 1)).revision.scan;
    expect(before?.warnings.map((warning) => warning.code)).toContain('NII_W_CHANNEL_INCOMPLETE');
    expect(before?.completeness).not.toBe('full');
    const second = await only([low]);
    expect(second).toMatchObject({ scanId: first.scanId, revision: 2 });
    expect(
      (await getRevision(service.deps, actor('supervisor'), first.scanId, 2)).revision.scan?.completeness,
    ).toBe('full');
    expect(await only([...others, stump])).toMatchObject({ scanId: first.scanId, result: 'already-here' });
    expect(await only([stump])).toMatchObject({ scanId: first.scanId, result: 'already-here' });
  });

  it('sent again, in any order, are already here, also when they come at the same moment', async () => {
    const files = fs6000(4, 'again');
    const answers = await Promise.all([1, 2, 3, 4].map(() => send(service.deps, files.toReversed())));
    await service.work();
    expect(new Set(answers.flat().map((scan) => scan.scanId)).size).toBe(1);
    expect(
      answers
        .flat()
        .map((scan) => scan.result)
        .toSorted(),
    ).toEqual(['already-here', 'already-here', 'already-here', 'new-scan']);
  });

  it('with the name of another scan but other measured values are a scan of their own', async () => {
    const first = await only(fs6000(5, 'counter-0001'));
    const second = await only(fs6000(6, 'counter-0001'));
    expect(second.result).toBe('new-scan');
    expect(second.scanId).not.toBe(first.scanId);
  });

  it('come back from the store as the scanner measured them, sample by sample', async () => {
    const files = fs6000(7, 'exact');
    const { scanId } = await only(files);
    for (const channel of ['high', 'low']) {
      const { payload } = await sampleBytes(scanId, channel);
      const big = Buffer.from(part(files, `${channel}.img`).bytes.subarray(36));
      expect(Buffer.from(payload).equals(big.swap16()), channel).toBe(true);
    }
    expect(
      Buffer.from((await sampleBytes(scanId, 'material')).payload).equals(
        Buffer.from(part(files, 'material.img').bytes.subarray(36)),
      ),
    ).toBe(true);
  });

  it('keep what was said with the first of them: purpose, scanner and lane', async () => {
    const files = fs6000(9, 'said');
    const early = files.filter((file) => !file.name.endsWith('material.img'));
    const meta = { purpose: 'training', scanner: 'gate-1', lane: 'l2' } as const;
    const [first] = await send(service.deps, early, meta);
    await service.work();
    await only([part(files, 'material.img')]);
    const { revision } = await getRevision(service.deps, actor('supervisor'), first!.scanId, 2);
    expect(revision.scan?.purpose).toBe('training');
    expect(revision.scan?.source).toMatchObject({ lane: 'l2' });
    expect(await casesOf(first!.scanId)).toEqual([]);
  });

  it('that come while the first revision is converted leave the scan with its newest revision', async () => {
    const files = fs6000(10, 'racing');
    const [first] = await send(
      service.deps,
      files.filter((file) => !file.name.endsWith('material.img')),
    );
    const working = service.work();
    await send(service.deps, [part(files, 'material.img')]);
    await working;
    await service.work();
    const { scan } = await getScan(service.deps, actor('supervisor'), first!.scanId);
    expect(scan).toMatchObject({ revision: 2, state: 'analysed', completeness: 'full' });
    expect(scan.containers).toHaveLength(1);
  });

  it('with two containers open two cases, which are decided apart: one normal, one suspect', async () => {
    const { scanId } = await only(fs6000(8, 'two', '2x20ft'));
    const cases = await casesOf(scanId);
    expect(cases).toHaveLength(2);
    expect(new Set(cases.map((value) => value.container)).size).toBe(2);
    const analyst = { actor: actor('supervisor', 'ann') };
    const verdicts = ['normal', 'suspect'] as const;
    for (const [i, value] of cases.entries()) {
      await claimCase(service.deps, analyst, value.id);
      const lane = await getLaneInstruction(service.deps, actor('lane'), scanId);
      expect(lane.instruction).toBe('hold');
      await decideCase(service.deps, analyst, value.id, { kind: verdicts[i]!, reason: 'other' });
    }
    expect((await casesOf(scanId)).map((value) => value.verdicts[0]?.kind).toSorted()).toEqual([
      'normal',
      'suspect',
    ]);
    const lane = await getLaneInstruction(service.deps, actor('lane'), scanId);
    expect(lane).toMatchObject({ instruction: 'hold', final: false });
    expect(lane.units.map((unit) => unit.instruction)).toEqual(['hold', 'hold']);
    expect(lane.reasons?.map(({ code }) => code)).toEqual(['suspect', 'normal']);
  });
});

describe('a unit that was to be scanned again', () => {
  it('is linked to the new scan of its container, whose case is queued, and its old case is closed', async () => {
    const files = simulateToFiles({
      layout: 'numpy',
      seed: 11,
      stem: 'first',
      pitchMm: PITCH_MM,
      container: '20ft',
    });
    const { scanId } = await only(files);
    const [value] = await casesOf(scanId);
    const analyst = { actor: actor('supervisor', 'ann') };
    await claimCase(service.deps, analyst, value!.id);
    await decideCase(service.deps, analyst, value!.id, { kind: 'scan-again', reason: 'image-quality' });
    const again = files.map((file) => ({
      ...file,
      name: file.name.replace('first', 'second'),
      bytes: touched(file),
    }));
    const second = await only(again);
    expect(second.result).toBe('new-scan');
    const [old] = await casesOf(scanId);
    expect(old).toMatchObject({ state: 'closed', linkedScan: second.scanId });
    expect((await casesOf(second.scanId)).map((one) => [one.container, one.state])).toEqual([
      [value!.container, 'queued'],
    ]);
  });
});

/** The same scene measured once more: one sample differs. */
function touched({ name, bytes }: NamedBytes): Uint8Array {
  if (!name.endsWith('.npy')) return bytes;
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 2] = (copy[copy.length - 2]! + 1) % 256;
  return copy;
}

async function sampleBytes(scanId: string, channel: string) {
  const { revision } = await getRevision(service.deps, actor('supervisor'), scanId, 'latest');
  const view = revision.scan?.views[0]?.id;
  const answer = await service.as('supervisor', {
    url: `/v1/scans/${scanId}/revisions/latest/channels/${view}/${channel}/samples`,
  });
  expect(answer.statusCode, answer.body.slice(0, 300)).toBe(200);
  return { payload: answer.rawPayload };
}
