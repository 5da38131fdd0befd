import { expect } from 'vitest';
import { keys } from '../../../../src/core/keys.ts';
import { issueKey } from '../../../../src/features/persons/keys.ts';
import { checkInDocument, passageDocument } from '../../../../src/stored/document-kinds.ts';
import { type Made, objectRow } from '../../../../src/stored/object-row.ts';
import { fakeScan } from '../../../support/fake-scan.ts';
import type { Harness } from '../../../support/harness.ts';
import { portalLines } from '../../../support/vendors/portal.ts';
import type { Place } from './oracle.ts';

/** What one sender sent, with a case, a hold, a declaration, a scanner, a passage, a check-in and an open upload of its own. */
export interface Room extends Place {
  readonly token: string;
  readonly scanner: string;
  readonly scanId: string;
  /** Of nobody else. */
  readonly container: string;
  readonly sha256: string;
  readonly recordId: string;
  readonly caseId: string;
  readonly holdId: string;
  readonly ref: string;
  readonly passageId: string;
  readonly checkInId: string;
  readonly uploadId: string;
  readonly study: string;
  readonly series: string;
  readonly instance: string;
}

/** Reports and maps come from models; none is installed here. */
export const REPORT = 'machine-m-1.dcs';
const OCTETS = { 'content-type': 'application/octet-stream' };

interface Sent extends Place {
  readonly container: string;
  readonly token: string;
  readonly number: number;
  readonly scanId: string;
  readonly recordId: string;
}

/** One room for each sender of each site of each administration. */
export async function furnish(
  service: Harness,
  places: readonly (readonly [string, string])[],
): Promise<Room[]> {
  const sent: Sent[] = [];
  for (const [number, [administration, site]] of places.entries())
    sent.push(await send(service, administration, site, number));
  await service.work();
  const rooms: Room[] = [];
  for (const one of sent) rooms.push(await roomOf(service, one));
  return rooms;
}

async function send(service: Harness, administration: string, site: string, number: number): Promise<Sent> {
  const { key, token } = await issueKey(service.deps, {
    roles: ['scanner'],
    administration,
    site,
    name: 'x',
  });
  const headers = { authorization: `Bearer ${token}`, ...OCTETS };
  const post = async (name: string, payload: Buffer): Promise<string> => {
    const url = `/v1/scans?name=${name}&scanner=gate-${number}`;
    const answer = await service.app.inject({ method: 'POST', url, payload, headers });
    expect(answer.statusCode, answer.body).toBe(202);
    return answer.json().scans[0].scanId;
  };
  // The same name everywhere: it joins nothing of another sender
  const container = `MSKU000000${number}`;
  const scanId = await post('a.fake', fakeScan({ seed: number, containers: container }));
  const from = `2026-03-0${number + 1}T05:00:00Z`;
  const recordId = await post('p.csv', portalLines([{ from, number, alarm: 'gamma' }]));
  return { administration, site, sender: key.keyId, token, number, container, scanId, recordId };
}

async function roomOf(service: Harness, sent: Sent): Promise<Room> {
  const { administration, site, number, scanId, recordId, token } = sent;
  await plantModelOutput(service, scanId);
  const headers = { authorization: `Bearer ${await service.newToken('lane', administration, site)}` };
  const ref = `D-${number}`;
  const payload = { containers: [], packages: 1 };
  await service.app.inject({ method: 'PUT', url: `/v1/declarations/${ref}`, payload, headers });
  const passed = await service.app.inject({
    method: 'POST',
    url: '/v1/passages',
    payload: { site, passages: [{ id: `p-${number}`, at: '2026-03-01T05:00:00Z', scanId }] },
    headers,
  });
  const stated = await service.app.inject({
    method: 'POST',
    url: `/v1/sites/${site}/check-ins`,
    payload: {
      checkIns: [{ id: `c-${number}`, plates: [`T-${number}`], expectedAt: new Date().toISOString() }],
    },
    headers,
  });
  const begun = await service.app.inject({
    method: 'POST',
    url: '/v1/uploads/tus',
    headers: { authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0', 'upload-length': '10' },
  });
  return service.deps.records.transaction(async (tx) => {
    const [held] = await tx.casesOfScan(scanId);
    const [hold] = await tx.holdsOn(recordId);
    const [instance] = (await tx.instancesOfScan(scanId)).filter(({ source }) => source === 'dicos');
    const sha256 = (await tx.revision(scanId, 1))?.originals[0]?.sha256 ?? '';
    return {
      ...sent,
      sha256,
      scanner: `fake.gate-${number}`,
      caseId: held?.id ?? '',
      holdId: hold?.id ?? '',
      ref,
      passageId: passed.json().passages[0].passageId,
      checkInId: stated.json().checkIns[0].checkInId,
      uploadId: String(begun.headers.location).split('/').at(-1) ?? '',
      study: instance?.studyUid ?? '',
      series: instance?.seriesUid ?? '',
      instance: instance?.instanceUid ?? '',
    };
  });
}

async function plantModelOutput({ deps }: Harness, scanId: string): Promise<void> {
  const body = new Uint8Array([1]);
  const owner = { scanId, revision: 1 };
  const model = 'm@1';
  const made: readonly Made[] = [
    { key: keys.map(scanId, 1, 'm', '1'), kind: 'map', model, body, contentType: 'image/png' },
    {
      key: keys.machineTdr(scanId, 1, 'm', '1'),
      kind: 'tdr',
      origin: { kind: 'machine', model },
      body,
      contentType: 'application/dicom',
    },
  ];
  const rows = made.map((one) => objectRow(owner, { ...one, producer: 'm' }));
  for (const { key, contentType } of rows) await deps.objects.put(key, body, contentType);
  const analysis = {
    model: { id: 'm', version: '1', sha256: 'a'.repeat(64) },
    status: 'analysed' as const,
    view: 'main',
    units: [],
    findings: [],
    milliseconds: 1,
  };
  await deps.records.transaction(async (tx) => {
    await tx.putObjects(rows);
    await tx.putAnalysis({ ...owner, analysis });
  });
}

/** Everything of a room that a move can change. */
export function stateOf(service: Harness, room: Room): Promise<string> {
  const scope = { administration: room.administration, site: room.site };
  return service.deps.records.transaction(async (tx) =>
    JSON.stringify([
      await tx.scan(scope, room.scanId),
      await tx.scan(scope, room.recordId),
      await tx.casesOfScan(room.scanId),
      await tx.holdsOn(room.recordId),
      await tx.declaration(scope, room.ref),
      await tx.scanner(scope, room.scanner),
      await tx.lockDocuments(passageDocument, [[room.administration, room.passageId]]),
      await tx.lockDocuments(checkInDocument, [[room.administration, room.checkInId]]),
      await tx.upload(room.uploadId),
    ]),
  );
}

/** The ids that a list may show of a room, by which it is told which rooms it shows. */
export function idsOf(room: Room): readonly string[] {
  const { scanId, recordId, caseId, holdId, ref, passageId, checkInId, study, scanner, site } = room;
  return [scanId, recordId, caseId, holdId, ref, passageId, checkInId, study, `${site}/${scanner}`];
}
