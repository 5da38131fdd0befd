import type { Actor, Scope } from '../../core/access.ts';
import { ANY_SITE, scopeOf } from '../../core/access.ts';
import type { Declaration } from '../../core/case/declaration.ts';
import { NiiError } from '../../core/errors.ts';
import type { Tx } from '../../core/ports/records.ts';
import { EVER } from '../../core/rules/clock.ts';
import type { ScanRow } from '../../core/scan/stored-scan.ts';
import { type Viewing, viewed } from '../../queries/read.ts';
import { daysApart, isOfTime } from '../../triage/declared.ts';

/** A scan that a declaration is of. */
export interface JoinedScan {
  readonly container: string;
  readonly scan: ScanRow;
  /** Its case that lists the declaration. */
  readonly caseId: string;
}

/** A container of a declaration that has no scan, or a scan of one that the declaration is not of. */
export interface UnjoinedScan {
  readonly container: string;
  readonly scan?: ScanRow;
  readonly because: string;
}

export interface DeclarationJoins {
  readonly joined: readonly JoinedScan[];
  readonly notJoined: readonly UnjoinedScan[];
}

export interface DeclarationView {
  readonly declaration: Declaration;
  /** Not for an analyst, who does not look for the scan of a container. */
  readonly joins?: DeclarationJoins;
}

export type GetDeclarationTx = Tx<'declaration' | 'scansByContainer' | 'casesOfScan'>;

/** One declaration, with the scans of its containers that this key may see. */
export function getDeclaration(
  deps: Viewing<GetDeclarationTx>,
  actor: Actor,
  ref: string,
): Promise<DeclarationView> {
  return viewed(deps, actor, 'declaration', ref, {}, async (tx) => {
    const declaration = await tx.declaration(scopeOf(actor), ref);
    if (declaration === undefined) throw new NiiError('NII_NOT_FOUND', `Unknown declaration "${ref}"`);
    if (actor.role === 'analyst') return { declaration };
    return { declaration, joins: await joinsOf(tx, scopeOf(actor), declaration) };
  });
}

async function joinsOf(
  tx: Tx<'scansByContainer' | 'casesOfScan'>,
  scope: Scope,
  declaration: Declaration,
): Promise<DeclarationJoins> {
  const { administration, body, site } = declaration;
  const found = await tx.scansByContainer(administration, body.containers, ...EVER);
  const scans = found.filter((scan) =>
    [scope.site, site].every((one) => one === ANY_SITE || one === scan.site),
  );
  const joined: JoinedScan[] = [];
  const notJoined: UnjoinedScan[] = [];
  for (const container of body.containers) {
    const own = scans.filter(({ containers }) => containers.includes(container));
    if (own.length === 0) notJoined.push({ container, because: 'there is no scan of this container' });
    for (const scan of own) {
      const caseId = await caseNaming(tx, scan, declaration.ref);
      if (caseId === undefined) notJoined.push({ container, scan, because: whyNot(declaration, scan) });
      else joined.push({ container, scan, caseId });
    }
  }
  return { joined, notJoined };
}

async function caseNaming(tx: Tx<'casesOfScan'>, scan: ScanRow, ref: string): Promise<string | undefined> {
  const cases = await tx.casesOfScan(scan.id);
  return cases.find(({ declarations }) => declarations?.includes(ref))?.id;
}

function whyNot(declaration: Declaration, scan: ScanRow): string {
  if (!isOfTime(declaration, scan))
    return `the scan is ${daysApart(declaration, scan)} days from the goods' presentation; at most 14 join`;
  return 'the scan has no case for analysts, or its case has not been updated yet';
}
