import { ANY_SITE } from '../core/access.ts';
import type { Declaration, DeclarationBody } from '../core/case/declaration.ts';
import { NiiError } from '../core/errors.ts';
import { keys } from '../core/keys.ts';
import { normaliseContainer } from '../core/numbers/iso6346.ts';
import type { JobQueue } from '../core/ports/jobs.ts';
import type { ObjectWrites } from '../core/ports/objects.ts';
import type { Clock } from '../core/ports/process.ts';
import type { Answers } from '../core/ports/records/answers.ts';
import type { Audit } from '../core/ports/records/audit.ts';
import type { ChangeWrites } from '../core/ports/records/changes.ts';
import type { Declarations, DeclarationWrites } from '../core/ports/records/declarations.ts';
import type { ObjectRow, ObjectRowWrites } from '../core/ports/records/object-rows.ts';
import type { Locks, Transactions } from '../core/ports/transactions.ts';

import { sha256Hex } from '../stored/identity.ts';
import { jobs } from '../stored/job-ids.ts';
import { jsonBytes } from '../stored/manifest.ts';
import { OBJECTS_LOCK } from '../stored/object-row.ts';
import { type Command, earlierAnswer, keepAnswer } from './command.ts';

/** Rows of objects that belong to no scan carry this in place of its id. */
const NO_SCAN = '';

export interface Declared {
  readonly declaration: Declaration;
  /** False: it was here, word for word. */
  readonly changed: boolean;
}

export interface PutDeclarationDeps {
  readonly records: Transactions<ChangeDeclarationTx & Declarations & Answers> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

/**
 * Creates or replaces a declaration and brings it to every scan of the containers that it names or named.
 * @throws NII_PRECONDITION_FAILED when `ifMatch` is not its version
 */
export async function putDeclaration(
  deps: PutDeclarationDeps,
  command: Command,
  ref: string,
  body: DeclarationBody,
): Promise<Declared> {
  const { administration } = command.actor;
  const write = () =>
    deps.records.transaction(async (tx) => {
      const earlier = await earlierAnswer(tx, command);
      // What was kept is an answer that this service wrote; it is read back as it is.
      if (earlier !== undefined) return earlier as Declared;
      const current = await tx.declaration(administration, ref);
      if (command.ifMatch !== undefined && command.ifMatch !== (current?.version ?? 0)) {
        throw new NiiError('NII_PRECONDITION_FAILED', 'The declaration has changed since it was read');
      }
      const declared = await change(deps, tx, command, current, ref, normalised(body));
      await keepAnswer(tx, command, declared);
      return declared;
    });
  return deps.records.exclusively(`declaration:${administration}:${ref}`, write, OBJECTS_LOCK);
}

function normalised(body: DeclarationBody): DeclarationBody {
  return { ...body, containers: [...new Set(body.containers.map(normaliseContainer))] };
}

export type ChangeDeclarationTx = ObjectRowWrites & DeclarationWrites & JobQueue & ChangeWrites & Audit;

async function change(
  deps: { readonly objects: ObjectWrites; readonly clock: Clock },
  tx: ChangeDeclarationTx,
  command: Command,
  current: Declaration | undefined,
  ref: string,
  body: DeclarationBody,
): Promise<Declared> {
  if (current !== undefined && JSON.stringify(current.body) === JSON.stringify(body)) {
    return { declaration: current, changed: false };
  }
  const { administration } = command.actor;
  const version = (current?.version ?? 0) + 1;
  const declaration: Declaration = {
    administration,
    ref,
    body,
    version,
    updatedAt: deps.clock.now().toISOString(),
  };
  const object = declarationObject(declaration);
  await deps.objects.put(object.row.key, object.bytes, object.row.contentType);
  await tx.putDeclaration(declaration);
  await tx.putObjects([object.row]);
  const containers = [...new Set([...body.containers, ...(current?.body.containers ?? [])])];
  await tx.enqueue(jobs.rejoinDeclaration(administration, ref, version, containers));
  await tx.appendChange({
    administration,
    // A declaration is the administration's: readers at every site are told, whoever stated it.
    site: ANY_SITE,
    kind: 'declaration.changed',
    subject: ref,
    revision: version,
  });
  await tx.audit({ actor: command.actor, action: 'change declaration', subject: ref, detail: { version } });
  return { declaration, changed: true };
}

/** A declaration as the store keeps it: one object a version. */
export function declarationObject(declaration: Declaration): {
  readonly bytes: Uint8Array;
  readonly row: ObjectRow;
} {
  const bytes = jsonBytes(declaration);
  const { administration, ref, version } = declaration;
  return {
    bytes,
    row: {
      key: keys.declaration(administration, sha256Hex(ref), version),
      scanId: NO_SCAN,
      revision: version,
      kind: 'declaration',
      bytes: bytes.byteLength,
      sha256: sha256Hex(bytes),
      contentType: 'application/json',
      producer: 'declare',
    },
  };
}
