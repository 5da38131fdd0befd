import { type Actor, isRoleOfPeople, type Role } from '../../src/core/access.ts';
import type { AcceptedScan, UploadMeta } from '../../src/core/upload.ts';
import { acceptUpload } from '../../src/receive/accept.ts';
import { discardUpload, receiveUpload } from '../../src/receive/upload.ts';
import type { Parts } from '../../src/wiring.ts';
import { ADMINISTRATION, type Harness, SITE } from './harness.ts';

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A person whom an administrator has linked, where it is one. */
export function actor(role: Role, keyId: string = role): Actor {
  const person = { id: keyId, formerIds: [], isLinked: true, roles: [role] };
  const place = { administration: ADMINISTRATION, site: SITE };
  return { keyId, role, ...place, ...(isRoleOfPeople(role) ? { person } : {}) };
}

/** Sends files as one upload, past HTTP. */
export async function send(
  deps: Parts,
  files: readonly NamedBytes[],
  meta: UploadMeta = {},
  sender = actor('scanner'),
): Promise<readonly AcceptedScan[]> {
  const parts = async function* () {
    for (const { name, bytes } of files) yield { name, stream: chunks(bytes) };
  };
  const upload = await receiveUpload(deps, parts(), 'scanner');
  try {
    return await acceptUpload(deps, sender, upload, meta);
  } finally {
    await discardUpload(upload);
  }
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** A clock that stands still until it is moved. */
export function movableClock(start: string) {
  let now = Date.parse(start);
  return {
    now: () => new Date(now),
    advance: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

/** Everything that a reindex promises to bring back, in an order of its own. */
export async function promisedRecords({ deps }: Pick<Harness, 'deps'>) {
  return deps.records.transaction(async (tx) => {
    const scope = { administration: ADMINISTRATION, site: '*' };
    const scans = (await tx.scans(scope, {}, 500)).rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const whole = [];
    for (const scan of scans) {
      whole.push({
        scan,
        revisions: await tx.revisions(scan.id),
        objects: (await tx.objectsOf(scan.id)).toSorted((a, b) => (a.key < b.key ? -1 : 1)),
        analyses: await tx.analyses(scan.id),
        cases: (await tx.casesOfScan(scan.id)).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
        radiation: await tx.radiationOf(scan.id),
        holds: await tx.holdsOn(scan.id),
      });
    }
    return {
      whole,
      declarations: (await tx.declarations({ administration: ADMINISTRATION, site: '*' }, 500)).rows,
    };
  });
}
