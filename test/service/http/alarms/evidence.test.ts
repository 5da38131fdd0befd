import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BorderPost, nothingFound } from '../../../support/http/border-post.ts';
import { n42Document, nuclideFound, portalLines } from '../../../support/vendors/portal.ts';

/** Evidence is checked, not typed: what one officer once ended an alarm with, tried from the upload to the barrier. */

let post: BorderPost;
let vehicles = 0;

beforeAll(async () => {
  post = await BorderPost.open();
});
beforeEach(() => post.nextWeek());
afterAll(async () => {
  await post.close();
  expect(post.service.wrongAnswers).toEqual([]);
});

const identified = (...nuclides: readonly string[]) => ({ nuclides, by: 'riid', expert: 'the laboratory' });
const declaredSource = (reference: string, ...nuclides: readonly string[]) => ({
  decision: 'innocent',
  basis: 'declared-source',
  reference,
  identification: identified(...nuclides),
});
const norm = (goodsHs: string) => ({
  decision: 'innocent',
  basis: 'norm',
  goodsHs,
  identification: identified('K-40'),
});
const caesium = [{ unNumber: '2915', nuclides: ['Cs-137'], licence: 'NL-4711' }];

interface Vehicle {
  readonly box: string;
  readonly visit: string;
  readonly record: string;
  readonly scan: string;
  readonly hold: string;
}

/** A vehicle whose image is normal, and whose portal record names its container and has an alarm. */
async function alarmed(results?: string): Promise<Vehicle> {
  vehicles += 1;
  const visit = `V-${vehicles}`;
  const box = `EVID${1_000_000 + vehicles}`;
  const scan = await post.xray(60, { containers: box, visit });
  await post.decide(scan, 'normal');
  const bytes = n42Document(box, post.time(0), results);
  const record = await post.send(`gate-${vehicles}.n42`, bytes, 'gate-3', { visit });
  return { box, visit, record, scan, hold: (await post.holdOf(record)).id };
}

const instructionOf = async ({ scan }: Vehicle) => (await post.instruction(scan)).instruction;

/** The alarm goes on holding, and the officer is told which field lacks what. */
async function rejected(
  vehicle: Vehicle,
  given: object,
  field: string,
  detail: string | RegExp,
  by?: string,
) {
  const answer = await post.adjudicate(vehicle.hold, given, by);
  expect(answer.json(), answer.body).toMatchObject({ status: 400, code: 'NII_BAD_REQUEST', field });
  expect(answer.json().detail).toMatch(detail);
  expect(await instructionOf(vehicle)).toBe('hold');
}

async function accepted(vehicle: Vehicle, given: object, state: string, by?: string) {
  const answer = await post.adjudicate(vehicle.hold, given, by);
  expect(answer.json(), answer.body).toMatchObject({ state });
  expect(await instructionOf(vehicle)).toBe('proceed');
}

describe('a declared source', () => {
  test('is not "x": the declaration is there and names the nuclides that were found', async () => {
    const vehicle = await alarmed();
    await rejected(vehicle, declaredSource('x', 'Cs-137'), 'reference', 'Unknown declaration "x"');
    await post.declare('D-source', { containers: [vehicle.box], dangerousGoods: caesium });
    await rejected(vehicle, declaredSource('D-source'), 'identification', 'at least one nuclide');
    await rejected(vehicle, declaredSource('D-source', 'Co-60'), 'identification', '"Co-60" is not in');
    await accepted(vehicle, declaredSource('D-source', '137Cs', 'Ba-137m', 'K-40'), 'innocent');
  });

  test('of another vehicle explains nothing', async () => {
    const [vehicle, other] = [await alarmed(), await alarmed()];
    await post.declare('D-other', { containers: [other.box], dangerousGoods: caesium });
    await rejected(vehicle, declaredSource('D-other', 'Cs-137'), 'reference', 'names no container of this');
    await post.declare('D-old', {
      containers: [vehicle.box],
      dangerousGoods: caesium,
      presentedAt: post.time(-20 * 86_400),
    });
    await rejected(vehicle, declaredSource('D-old', 'Cs-137'), 'reference', 'of other days');
  });

  test('is declared as class 7 with its nuclides, not only as dangerous', async () => {
    const vehicle = await alarmed();
    const dangerousGoods = [{ unNumber: '1203', nuclides: ['Cs-137'] }, { unNumber: '2915' }];
    await post.declare('D-petrol', { containers: [vehicle.box], dangerousGoods });
    await rejected(vehicle, declaredSource('D-petrol', 'Cs-137'), 'reference', 'class 7');
  });

  test('is not stated by the officer who goes by it, under whatever role', async () => {
    const vehicle = await alarmed();
    const officer = await post.newKey('radiation-officer', 'supervisor');
    await post.declare('D-own', { containers: [vehicle.box], dangerousGoods: caesium }, officer);
    const given = declaredSource('D-own', 'Cs-137');
    await rejected(vehicle, given, 'reference', 'by you', officer);
    await accepted(vehicle, given, 'innocent');
  });

  test('is not added to a declaration by whoever may only state it', async () => {
    const vehicle = await alarmed();
    const body = { containers: [vehicle.box], hsCodes: ['090121'] };
    await post.declare('D-coffee', body);
    const changed = await post.declare('D-coffee', { ...body, dangerousGoods: caesium }, 'lane', 1);
    expect(changed.json()).toMatchObject({ code: 'NII_FORBIDDEN', field: 'dangerousGoods' });
  });

  test('has every nuclide that the portal found, too', async () => {
    const vehicle = await alarmed(
      `<RadAlarm><RadAlarmCategoryCode>Gamma</RadAlarmCategoryCode></RadAlarm>${nuclideFound('Co-60')}`,
    );
    await post.declare('D-cs', { containers: [vehicle.box], dangerousGoods: caesium });
    await rejected(vehicle, declaredSource('D-cs', 'Cs-137'), 'identification', '"Co-60"');
  });
});

describe('goods with natural radioactivity', () => {
  test('are not tiles where coffee is declared', async () => {
    const vehicle = await alarmed();
    await rejected(vehicle, norm('6907'), 'goodsHs', 'No declaration names a container of this vehicle');
    await post.declare('D-beans', { containers: [vehicle.box], hsCodes: ['090121'] });
    await rejected(vehicle, norm('6907'), 'goodsHs', /not declared.*D-beans with HS 090121/);
    await rejected(vehicle, norm('0901'), 'goodsHs', 'not known to be naturally radioactive');
    await post.declare('D-tiles', { containers: [vehicle.box], hsCodes: ['690721'] });
    await accepted(vehicle, norm('6907'), 'innocent');
  });

  test('do not explain what the portal found of caesium', async () => {
    const vehicle = await alarmed(
      `<RadAlarm><RadAlarmCategoryCode>Gamma</RadAlarmCategoryCode></RadAlarm>${nuclideFound('Cs-137')}`,
    );
    await post.declare('D-t2', { containers: [vehicle.box], hsCodes: ['690721'] });
    await rejected(vehicle, norm('6907'), 'basis', '"Cs-137"');
  });

  test('nor what another record of the same occupancy found', async () => {
    const vehicle = await alarmed();
    await post.declare('D-t4', { containers: [vehicle.box], hsCodes: ['690721'] });
    const sent = (name: string, results?: string) => {
      const text = n42Document(vehicle.box, post.time(1), results).toString();
      const known = text.replace(
        '<RadInstrumentData',
        '$& n42DocUUID="5f0e3c9a-8a53-4c43-9a4e-5e6f7a8b9c0d"',
      );
      return post.send(name, Buffer.from(known), 'gate-3', { visit: vehicle.visit });
    };
    const { id: hold } = await post.holdOf(await sent('first.n42'));
    const alarm = '<RadAlarm><RadAlarmCategoryCode>Gamma</RadAlarmCategoryCode></RadAlarm>';
    const again = await sent('again.n42', `${alarm}${nuclideFound('Cs-137')}`);
    const links = await post.service.deps.records.transaction((tx) => tx.radiationOf(again));
    expect(links, 'it opened no hold of its own').toMatchObject([{ holdId: hold }]);
    await rejected({ ...vehicle, hold }, norm('6907'), 'basis', '"Cs-137"');
  });

  test('are not those of the scan that one officer has joined, and are those of one that two have', async () => {
    vehicles += 1;
    const box = `EVID${1_000_000 + vehicles}`;
    const scan = await post.xray(60, { containers: box });
    await post.decide(scan, 'normal');
    await post.declare('D-t3', { containers: [box], hsCodes: ['690721'] });
    const record = await post.portal([{ from: post.time(0), number: 1, alarm: 'gamma' }]);
    const { id: hold } = await post.holdOf(record);
    const vehicle = { box, scan, record, hold, visit: '' };
    const notJoined = 'have two officers join the alarm to its scan';
    await rejected(vehicle, norm('6907'), 'goodsHs', notJoined);
    await post.post('radiation-officer', `/v1/holds/${hold}/join`, { scanId: scan, why: 'seen' });
    await rejected(vehicle, norm('6907'), 'goodsHs', notJoined);
    await rejected(vehicle, norm('6907'), 'goodsHs', notJoined, await post.secondOfficer());
    await post.joinByTwo(hold, scan);
    await accepted(vehicle, norm('6907'), 'innocent');
  });
});

describe('a patient', () => {
  const medical = (scanId: string, bytes: Buffer, ...nuclides: readonly string[]) => ({
    ...{ decision: 'innocent', basis: 'medical', person: 'the driver, letter of a clinic' },
    identification: {
      ...identified(...nuclides),
      spectrum: { scanId, sha256: createHash('sha256').update(bytes).digest('hex') },
    },
  });
  const riid = (name: string) => n42Document('NONE0000000', post.time(300), nuclideFound(name));
  const sent = (name: string, bytes: Buffer) =>
    post.send(`${name}.n42`, bytes, 'riid', { purpose: 'training' });

  test('is shown by the spectrum of an instrument that named the nuclide', async () => {
    const vehicle = await alarmed();
    const { identification: _, ...typed } = medical('x', Buffer.alloc(0), 'I-131');
    const given = { ...typed, identification: identified('I-131') };
    await rejected(vehicle, given, 'identification', 'Missing identification.spectrum');
    const iodine = riid('I-131');
    const scan = await sent(`iodine-${vehicle.box}`, iodine);
    await accepted(vehicle, medical(scan, iodine, 'I-131'), 'innocent');
  });

  test('is not shown by a spectrum of something else, of no radiation, or of before', async () => {
    const cobalt = riid('Co-60');
    const early = await sent('cobalt-early', cobalt);
    post.clock.advance(60);
    const vehicle = await alarmed();
    await rejected(vehicle, medical(early, cobalt, 'I-131'), 'identification', 'identified "Co-60"');
    const none = n42Document('NONE0000000', post.time(200), '');
    const empty = await sent('empty', none);
    await rejected(vehicle, medical(empty, none, 'I-131'), 'identification', 'no spectrum and no nuclide');
    const iodine = riid('I-131');
    post.nextWeek();
    const before = await sent('iodine-before', iodine);
    post.clock.advance(60);
    const next = await alarmed();
    await rejected(next, medical(before, iodine, 'I-131'), 'identification', 'before the alarm');
  });
});

describe('special nuclear material', () => {
  test.each(['Pu-239', 'U-233', 'HEU', 'Cf-252', 'Am-241/Be'])(
    '%s that the portal names without any alarm holds the vehicle, and takes two officers',
    async (name) => {
      const vehicle = await alarmed(nuclideFound(name));
      expect(await instructionOf(vehicle)).toBe('hold');
      await rejected(vehicle, norm('6907'), 'basis', 'neutrons or nuclear material');
      const dangerousGoods = [{ unNumber: '3327', nuclides: [name] }];
      await post.declare(`D-${vehicle.box}`, { containers: [vehicle.box], dangerousGoods });
      const source = declaredSource(`D-${vehicle.box}`, name);
      expect((await post.adjudicate(vehicle.hold, source)).json()).toMatchObject({ state: 'open' });
      expect(await instructionOf(vehicle)).toBe('hold');
      await accepted(vehicle, source, 'innocent', await post.secondOfficer());
    },
  );

  test('that the hand-held instrument names is stated, and takes two officers for a gamma alarm', async () => {
    const vehicle = await alarmed();
    const bytes = n42Document('NONE0000000', post.time(100), nuclideFound('U-235'));
    const scanId = await post.send(`riid-${vehicle.box}.n42`, bytes, 'riid', { purpose: 'training' });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const dangerousGoods = [{ unNumber: '2915', nuclides: ['Cs-137', 'U-235'] }];
    await post.declare(`D-${vehicle.box}`, { containers: [vehicle.box], dangerousGoods });
    const source = declaredSource(`D-${vehicle.box}`, 'Cs-137');
    const silent = { ...source, identification: { ...source.identification, spectrum: { scanId, sha256 } } };
    await rejected(vehicle, silent, 'identification', 'identified "U-235"');
    const told = declaredSource(`D-${vehicle.box}`, 'Cs-137', 'U-235');
    expect((await post.adjudicate(vehicle.hold, told)).json()).toMatchObject({ state: 'open' });
    expect(await instructionOf(vehicle)).toBe('hold');
  });
});

describe('the scan of an alarm', () => {
  const join = (vehicle: Vehicle, scanId: string, by = 'radiation-officer') =>
    post.post(by, `/v1/holds/${vehicle.hold}/join`, { scanId, why: 'seen' });

  test('is none of 20 days ago', async () => {
    const old = await post.xray(0, { containers: 'OLDU1234560' });
    post.clock.advance(13 * 86_400);
    post.nextWeek();
    const vehicle = await alarmed();
    const answer = await join(vehicle, old);
    expect(answer.json()).toMatchObject({
      status: 400,
      field: 'scanId',
      detail: /neither made nor received/,
    });
    expect(await instructionOf(vehicle)).toBe('hold');
  });

  test('may be a later one of the same container', async () => {
    const vehicle = await alarmed();
    post.clock.advance(6 * 3600);
    const later = await post.xray(6 * 3600, { containers: vehicle.box });
    await join(vehicle, later);
    const second = await join(vehicle, later, await post.secondOfficer());
    expect(second.json()).toMatchObject({ join: { by: 'hand', scanId: later } });
  });
});

describe('a test of the portal', () => {
  const given = { decision: 'test-or-maintenance', by: 'the firm', source: 'Cs-137, 37 kBq' };

  test('is none where the record names a container, and takes two where it was joined to a scan', async () => {
    const vehicle = await alarmed();
    await post.unjoinByTwo(vehicle.hold);
    await rejected(vehicle, given, 'decision', 'a container is joined');
    const visit = 'V-test';
    const scan = await post.xray(60, { containers: 'TSTU1234567', visit });
    await post.decide(scan, 'normal');
    const record = await post.portal([{ from: post.time(0), number: 5, alarm: 'gamma' }], 'gate-3', {
      visit,
    });
    const { id: hold } = await post.holdOf(record);
    await post.unjoinByTwo(hold);
    expect((await post.adjudicate(hold, given)).json()).toMatchObject({ state: 'open', proposal: {} });
    expect((await post.adjudicate(hold, given)).json(), 'twice the same').toMatchObject({ state: 'open' });
    const second = await post.adjudicate(hold, given, await post.secondOfficer());
    expect(second.json()).toMatchObject({ state: 'test' });
    expect(scan).not.toBe('');
  });
});

describe('a false alarm', () => {
  const passing = (scanId: string, recordId = 'occupancy-1') => ({ kind: 'passed-again', scanId, recordId });
  const fault = { decision: 'tamper-or-fault', workOrder: 'W-1' };
  const again = (visit: string, alarm?: 'gamma', more = {}) =>
    post.portal([{ from: post.time(600), number: 9, ...(alarm && { alarm }) }], 'gate-3', { visit, ...more });

  test('takes the word of two officers, or a new passage of the vehicle without an alarm', async () => {
    const vehicle = await alarmed();
    expect((await post.adjudicate(vehicle.hold, nothingFound)).json()).toMatchObject({ state: 'open' });
    expect(await instructionOf(vehicle)).toBe('hold');
    const newMeasurement = passing(await again(vehicle.visit));
    await accepted(vehicle, { ...nothingFound, newMeasurement }, 'false');
  });

  test('is not shown by a passage of another vehicle, of before, in training, or with an alarm', async () => {
    const early = await post.portal([{ from: post.time(-600), number: 8 }], 'gate-3', { visit: 'V-early' });
    const vehicle = await alarmed();
    const wrong = [
      [await again('V-of-another'), 'shares no container or visit'],
      [await again(vehicle.visit, 'gamma'), 'has an alarm, too'],
      [await again(vehicle.visit, undefined, { purpose: 'training' }), 'not operational'],
      [early, 'not after the alarm'],
      [vehicle.record, 'no other occupancy'],
    ] as const;
    for (const [scanId, detail] of wrong) {
      const given = { ...nothingFound, newMeasurement: passing(scanId) };
      await rejected(vehicle, given, 'newMeasurement', detail);
      await rejected(vehicle, { ...fault, newMeasurement: passing(scanId) }, 'newMeasurement', detail);
    }
  });

  test('is not shown by a passage that goes on', async () => {
    const vehicle = await alarmed();
    const lines = portalLines([{ from: post.time(600), number: 9 }])
      .toString()
      .split('\r\n');
    const cut = Buffer.from(`${lines.filter((line) => !line.startsWith('GX')).join('\r\n')}`);
    const scanId = await post.send('cut.csv', cut, 'gate-3', { visit: vehicle.visit });
    const given = { ...nothingFound, newMeasurement: passing(scanId) };
    await rejected(vehicle, given, 'newMeasurement', 'had not ended');
  });

  test('and an inspection without any record are the word of one officer, and wait for another', async () => {
    const vehicle = await alarmed();
    const inspected = { ...fault, newMeasurement: { kind: 'inspected', by: 'the officer', with: 'a riid' } };
    expect((await post.adjudicate(vehicle.hold, inspected)).json()).toMatchObject({ state: 'open' });
    await accepted(vehicle, inspected, 'measured-again', await post.secondOfficer());
  });
});

test('an alarm that one officer calls real is not released by the same officer', async () => {
  const vehicle = await alarmed();
  await post.adjudicate(vehicle.hold, { decision: 'real', authority: 'x' });
  const release = (by: string) => post.post(by, `/v1/holds/${vehicle.hold}/close`, { kind: 'released' });
  expect((await release('radiation-officer')).json()).toMatchObject({ code: 'NII_STATE_CONFLICT' });
  expect(await instructionOf(vehicle)).toBe('hold');
  expect((await release(await post.secondOfficer())).json()).toMatchObject({ state: 'closed' });
  expect(await instructionOf(vehicle)).toBe('proceed');
});
