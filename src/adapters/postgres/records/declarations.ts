import type { Selectable } from 'kysely';
import type { Declaration } from '../../../core/case/declaration.ts';
import type { Declarations, DeclarationWrites } from '../../../core/ports/records/declarations.ts';
import type { Tx } from '../database.ts';
import type { Tables } from '../tables.ts';
import { fromCursor, pageOf } from './cursor.ts';

type DeclarationRecords = DeclarationWrites & Declarations;

export function declarationRecords(tx: Tx): DeclarationRecords {
  return {
    async putDeclaration(value) {
      const { administration, ref, updatedAt: updated_at, version } = value;
      const body = JSON.stringify(value.body);
      await tx
        .insertInto('declarations')
        .values({ administration, ref, updated_at, version, body })
        .onConflict((at) => at.columns(['administration', 'ref']).doUpdateSet({ updated_at, version, body }))
        .execute();
      await replaceContainers(tx, value);
    },
    async declaration(administration, ref) {
      const row = await tx
        .selectFrom('declarations')
        .selectAll()
        .where('administration', '=', administration)
        .where('ref', '=', ref)
        .executeTakeFirst();
      return row && fromRow(row);
    },
    /** In rising order of reference. */
    async declarations(administration, limit, cursor, container) {
      const [after] = cursor === undefined ? [''] : fromCursor(cursor, ['string']);
      const rows = await tx
        .selectFrom('declarations')
        .selectAll()
        .where('administration', '=', administration)
        .$if(cursor !== undefined, (query) => query.where('ref', '>', String(after)))
        .$if(container !== undefined, (query) =>
          query.where('ref', 'in', refsNaming(tx, administration, [String(container)])),
        )
        .orderBy('ref')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, fromRow, (row) => [row.ref]);
    },
    /** Each once, in rising order of reference. */
    async declarationsByContainer(administration, containers) {
      if (containers.length === 0) return [];
      const rows = await tx
        .selectFrom('declarations')
        .selectAll()
        .where('administration', '=', administration)
        .where('ref', 'in', refsNaming(tx, administration, containers))
        .orderBy('ref')
        .execute();
      return rows.map(fromRow);
    },
  };
}

function refsNaming(tx: Tx, administration: string, containers: readonly string[]) {
  return tx
    .selectFrom('declaration_containers')
    .select('ref')
    .where('administration', '=', administration)
    .where('container', 'in', [...containers]);
}

async function replaceContainers(tx: Tx, { administration, ref, body }: Declaration): Promise<void> {
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
    ref: row.ref,
    body: row.body,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
