import { type Command, earlierAnswer, keepAnswer } from '../../commands/command.ts';
import { type Actor, ANY_SITE, actingAs } from '../../core/access.ts';
import { type Declaration, DeclarationBody } from '../../core/case/declaration.ts';
import { normaliseContainer } from '../../core/check-digits.ts';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import type { ObjectWrites } from '../../core/ports/objects.ts';
import type { Clock } from '../../core/ports/process.ts';
import type { Tx } from '../../core/ports/records.ts';
import type { Locks, Transactions } from '../../core/ports/transactions.ts';
import { codeFacts, isCode } from '../../core/trade/codes.ts';
import { codesIn } from '../../core/trade/codes-in.ts';
import { declarationDocument } from '../../stored/document-kinds.ts';
import { storeObjects } from '../../stored/documents.ts';
import { jobs } from '../../stored/job-ids.ts';
import { OBJECTS_LOCK } from '../../stored/object-row.ts';

export interface Declared {
  readonly declaration: Declaration;
  /** False: it was here, word for word. */
  readonly changed: boolean;
}

export interface PutDeclarationDeps {
  readonly records: Transactions<ChangeDeclarationTx & Tx<'declaration' | 'answered' | 'putAnswer'>> & Locks;
  readonly objects: ObjectWrites;
  readonly clock: Clock;
}

/**
 * Creates or replaces a declaration and brings it to every scan of the containers that it names or named.
 * @param mayAssess - whether this role may change the score and the codes of one that is stated
 * @throws NII_PRECONDITION_REQUIRED, NII_PRECONDITION_FAILED unless a change names the version that it is of;
 *   NII_FORBIDDEN; NII_NOT_FOUND where the reference is another site's
 */
export async function putDeclaration(
  deps: PutDeclarationDeps,
  command: Command,
  ref: string,
  body: DeclarationBody,
  mayAssess: boolean,
): Promise<Declared> {
  rejectWrongCodes(body);
  const { administration } = command.actor;
  const write = () =>
    deps.records.transaction(async (tx) => {
      const earlier = await earlierAnswer(tx, command);
      // What was kept is an answer that this service wrote; it is read back as it is.
      if (earlier !== undefined) return earlier as Declared;
      const current = await ownDeclaration(tx, command.actor, ref);
      const wanted = normalised(body);
      checkVersion(command, current, wanted);
      if (current !== undefined && !mayAssess) rejectAssessment(current.body, wanted);
      const declared = await change(deps, tx, command, current, ref, wanted);
      await keepAnswer(tx, command, declared);
      return declared;
    });
  return deps.records.exclusively(`declaration:${administration}:${ref}`, write, OBJECTS_LOCK);
}

/** A reference is of one site: what another site stated under it is neither shown nor replaced. */
async function ownDeclaration(
  tx: Tx<'declaration'>,
  actor: Actor,
  ref: string,
): Promise<Declaration | undefined> {
  const { administration } = actor;
  const current = await tx.declaration({ administration, site: ANY_SITE }, ref);
  const isOwn = current?.site === actor.site || actor.site === ANY_SITE;
  const isSeen = isOwn || current?.site === ANY_SITE;
  if (current === undefined || isSeen) return current;
  throw new NiiError('NII_NOT_FOUND', `Unknown declaration "${ref}" at this site`);
}

/** Whoever changes what is stated has read it; stating the same again changes nothing. */
function checkVersion({ ifMatch }: Command, current: Declaration | undefined, wanted: DeclarationBody): void {
  if (ifMatch !== undefined && ifMatch !== String(current?.version ?? 0))
    throw new NiiError('NII_PRECONDITION_FAILED', 'The declaration has changed; reload and retry');
  if (ifMatch !== undefined || current === undefined || isSame(current.body, wanted)) return;
  throw new NiiError(
    'NII_PRECONDITION_REQUIRED',
    'This declaration already exists; send its ETag as If-Match to change it',
  );
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What selectivity made of a declaration, its codes and its sources are not for whoever states it to change: they explain alarms. */
function rejectAssessment(stated: DeclarationBody, wanted: DeclarationBody): void {
  for (const field of ['selectivity', 'hsCodes', 'dangerousGoods'] as const) {
    if (isSame(stated[field], wanted[field])) continue;
    throw new NiiError('NII_FORBIDDEN', {
      detail: `This role cannot change ${field} of an existing declaration: use the key of a supervisor or administrator`,
      field,
    });
  }
}

/** The schema knows the form of a code; the check digit of some is told here. */
function rejectWrongCodes(body: DeclarationBody): void {
  for (const { kind, code, path } of codesIn(body, DeclarationBody)) {
    if (isCode(kind, code)) continue;
    const detail = `Invalid code "${code}": use ${codeFacts[kind].form}`;
    throw new NiiError('NII_BAD_REQUEST', { detail, field: path });
  }
}

function normalised(body: DeclarationBody): DeclarationBody {
  const ofItems = (body.consignment?.items ?? []).flatMap(({ hs }) => hs ?? []);
  const hsCodes = [...new Set([...(body.hsCodes ?? []), ...ofItems])];
  return {
    ...body,
    ...defined({ hsCodes: hsCodes.length === 0 ? undefined : hsCodes }),
    containers: [...new Set(body.containers.map(normaliseContainer))],
  };
}

export type ChangeDeclarationTx = Tx<'putObjects' | 'putDeclaration' | 'enqueue' | 'appendChange' | 'audit'>;

async function change(
  deps: { readonly objects: ObjectWrites; readonly clock: Clock },
  tx: ChangeDeclarationTx,
  command: Command,
  current: Declaration | undefined,
  ref: string,
  body: DeclarationBody,
): Promise<Declared> {
  if (current !== undefined && isSame(current.body, body)) {
    return { declaration: current, changed: false };
  }
  const { administration } = command.actor;
  const version = (current?.version ?? 0) + 1;
  const site = current?.site ?? command.actor.site;
  const updatedAt = deps.clock.now().toISOString();
  const statedBy = [...new Set([...(current?.statedBy ?? []), actingAs(command.actor)])];
  const declaration: Declaration = { administration, site, ref, body, version, updatedAt, statedBy };
  await storeObjects(deps, tx, declarationDocument, [declaration]);
  await tx.putDeclaration(declaration);
  const containers = [...new Set([...body.containers, ...(current?.body.containers ?? [])])];
  await tx.enqueue(jobs.rejoinDeclaration(administration, ref, version, containers));
  await tx.appendChange({
    administration,
    site,
    kind: 'declaration.changed',
    subject: ref,
    revision: version,
  });
  await tx.audit({
    actor: command.actor,
    action: 'change declaration',
    subject: ref,
    detail: { version },
    site,
  });
  return { declaration, changed: true };
}
