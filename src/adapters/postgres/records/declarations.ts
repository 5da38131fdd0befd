import { type Selectable, sql } from 'kysely';
import { ANY_SITE, type Scope } from '../../../core/access.ts';
import type { Declaration } from '../../../core/case/declaration.ts';
import { defined } from '../../../core/defined.ts';
import type { Declarations } from '../../../core/ports/records/declarations.ts';
import type { SqlTx } from '../database.ts';
import type { Tables } from '../tables.ts';
import { fromCursor, pageOf, siteOf } from './cursor.ts';
import { heldBy, lookedAtBy } from './reach.ts';

type DeclarationRecords = Declarations;

export function declarationRecords(tx: SqlTx): DeclarationRecords {
  return {
    async putDeclaration(value) {
      const { administration, site, ref, updatedAt: updated_at, version, statedBy: stated_by = null } = value;
      const body = JSON.stringify(value.body);
      await tx
        .insertInto('declarations')
        .values({ administration, site, ref, updated_at, version, body, stated_by })
        .onConflict((at) =>
          at.columns(['administration', 'ref']).doUpdateSet({ updated_at, version, body, stated_by }),
        )
        .execute();
      await replaceContainers(tx, value);
    },
    async declaration(scope, ref) {
      const row = await seen(tx, scope).where('ref', '=', ref).executeTakeFirst();
      return row && fromRow(row);
    },
    /** In rising order of reference. */
    async declarations(scope, limit, cursor, container) {
      const [after] = cursor === undefined ? [''] : fromCursor(cursor, ['string']);
      const rows = await seen(tx, scope)
        .$if(cursor !== undefined, (query) => query.where('ref', '>', String(after)))
        .$if(container !== undefined, (query) =>
          query.where('ref', 'in', refsNaming(tx, scope.administration, [String(container)])),
        )
        .orderBy('ref')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, fromRow, (row) => [row.ref]);
    },
    /** Each once, in rising order of reference. */
    async declarationsByContainer(scope, containers) {
      if (containers.length === 0) return [];
      const rows = await seen(tx, scope)
        .where('ref', 'in', refsNaming(tx, scope.administration, containers))
        .orderBy('ref')
        .execute();
      return rows.map(fromRow);
    },
  };
}

function seen(tx: SqlTx, scope: Scope) {
  return tx
    .selectFrom('declarations')
    .selectAll()
    .where('administration', '=', scope.administration)
    .$if(siteOf(scope) !== undefined, (query) => query.where('site', 'in', [scope.site, ANY_SITE]))
    .$if(scope.reader !== undefined, (query) => query.where(ofCaseInHand(scope.reader ?? [])));
}

/** It names the container of the case in hand, or of a case that the reader observes. */
function ofCaseInHand(reader: readonly string[]) {
  return sql<boolean>`exists (select 1 from declaration_containers as named
    join cases as held on held.container = named.container and held.administration = named.administration
    where named.administration = declarations.administration and named.ref = declarations.ref
      and (${heldBy(reader)} or (${lookedAtBy(reader)})))`;
}

function refsNaming(tx: SqlTx, administration: string, containers: readonly string[]) {
  return tx
    .selectFrom('declaration_containers')
    .select('ref')
    .where('administration', '=', administration)
    .where('container', 'in', [...containers]);
}

async function replaceContainers(tx: SqlTx, { administration, ref, body }: Declaration): Promise<void> {
  await tx
    .deleteFrom('declaration_containers')
    .where('administration', '=', administration)
    .where('ref', '=', ref)
    .execute();
  const rows = [...new Set(body.containers)].map((container) => ({ administration, ref, container }));
  if (rows.length > 0) await tx.insertInto('declaration_containers').values(rows).execute();
}

function fromRow(row: Selectable<Tables['declarations']>): Declaration {
  return {
    administration: row.administration,
    site: row.site,
    ref: row.ref,
    body: row.body,
    updatedAt: row.updated_at,
    version: row.version,
    ...defined({ statedBy: row.stated_by ?? undefined }),
  };
}
