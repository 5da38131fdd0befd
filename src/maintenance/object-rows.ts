import type { ObjectRow } from '../core/ports/records/object-rows.ts';
import type { Tx } from '../core/ports/records.ts';
import type { Transactions } from '../core/ports/transactions.ts';

const PAGE = 500;

/** Every object row, page by page. */
export async function* objectRows(records: Transactions<Tx<'allObjects'>>): AsyncGenerator<ObjectRow> {
  for (let after = ''; ; ) {
    const rows = await records.transaction((tx) => tx.allObjects(after, PAGE));
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.key;
  }
}
