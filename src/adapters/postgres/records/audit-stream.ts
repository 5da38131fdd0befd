import { sql } from 'kysely';
import type { AuditStreaming } from '../../../core/ports/records/audit.ts';
import type { SqlTx } from '../database.ts';

export function auditStreamRecords(tx: SqlTx): AuditStreaming {
  return {
    async streamPosition() {
      const row = await tx.selectFrom('audit_stream').select(['seal', 'seq']).executeTakeFirst();
      return { seal: Number(row?.seal ?? 1), seq: Number(row?.seq ?? 0) };
    },
    async keepStreamPosition({ seal, seq }) {
      await sql`insert into audit_stream as kept (seal, seq, sent_to) values (${seal}, ${seq}, 0)
        on conflict (one) do update set seal = excluded.seal, seq = excluded.seq
        where (kept.seal, kept.seq) < (excluded.seal, excluded.seq)`.execute(tx);
    },
    async noteStreamed(seq) {
      await sql`insert into audit_stream as kept (seal, seq, sent_to) values (1, 0, ${seq})
        on conflict (one) do update set sent_to = greatest(kept.sent_to, excluded.sent_to)`.execute(tx);
    },
  };
}

/** Age of the oldest row above every one that was sent; undefined where nothing is streamed. */
export async function streamBehindSeconds(tx: SqlTx): Promise<number | undefined> {
  const { rows } = await sql<{ seconds: number }>`select coalesce(
      (select greatest(0, extract(epoch from clock_timestamp() - at))::float8 from audit
        where seq > sent_to order by seq limit 1), 0) as seconds
    from audit_stream`.execute(tx);
  return rows[0]?.seconds;
}
