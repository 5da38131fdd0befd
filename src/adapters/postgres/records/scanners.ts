import { type Selectable, sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import { defined } from '../../../core/defined.ts';
import type { Scanners } from '../../../core/ports/records/scanners.ts';
import type { ScannerClock } from '../../../core/scanner/register.ts';
import type { Observation, ScannerRow } from '../../../core/scanner/scanner.ts';
import type { SqlTx } from '../database.ts';
import { keptPlan } from '../kept-plans.ts';
import type { Tables } from '../tables.ts';
import { fromCursor, instant, pageOf, siteOf } from './cursor.ts';
import { countDaysBefore, daysOf } from './lists/scanner-days.ts';
import { reached } from './reach.ts';

type ScannerRecords = Scanners;

export function scannerRecords(tx: SqlTx): ScannerRecords {
  return {
    async putObservation(value) {
      const { scan_id, ...rest } = toObservationRow(value);
      await tx
        .insertInto('observations')
        .values({ scan_id, ...rest })
        .onConflict((at) =>
          at.column('scan_id').doUpdateSet(rest).where('observations.revision', '<=', rest.revision),
        )
        .execute();
      await countDaysBefore(tx, value, value.receivedAt);
    },
    async lockScanner(initial) {
      const row = toScannerRow(initial);
      await tx
        .insertInto('scanners')
        .values(row)
        .onConflict((at) => at.doNothing())
        .execute();
      const locked = await ofScanner(tx, initial).forUpdate().executeTakeFirstOrThrow();
      return fromScannerRow(locked);
    },
    async putScanner(value) {
      const { administration, site, id, ...rest } = toScannerRow(value);
      await tx
        .updateTable('scanners')
        .set(rest)
        .where('administration', '=', administration)
        .where('site', '=', site)
        .where('id', '=', id)
        .execute();
    },
    async scanner(scope, id) {
      const { administration, site } = scope;
      const row = await ofScanner(tx, { administration, site, id }).where(madeFor(scope)).executeTakeFirst();
      return row && fromScannerRow(row);
    },
    async scanners(scope, limit, cursor) {
      const [afterSite = '', afterId = ''] =
        cursor === undefined ? [] : fromCursor(cursor, ['string', 'string']);
      const site = siteOf(scope);
      const rows = await tx
        .selectFrom('scanners')
        .selectAll()
        .where('administration', '=', scope.administration)
        .$if(site !== undefined, (query) => query.where('site', '=', String(site)))
        .where(madeFor(scope))
        .where(sql<boolean>`(site, id) > (${String(afterSite)}, ${String(afterId)})`)
        .orderBy('site')
        .orderBy('id')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, limit, fromScannerRow, (row) => [row.site, row.id]);
    },
    async scannerClocks({ administration, site }) {
      const rows = await tx
        .selectFrom('scanners')
        .modifyFront(keptPlan)
        .select(['id', 'zone', 'clock_offset_seconds'])
        .where('administration', '=', administration)
        .where('site', '=', site)
        .where(sql<boolean>`(zone is not null or clock_offset_seconds is not null)`)
        .execute();
      return new Map(rows.map((row) => [row.id, clockIn(row)]));
    },
    scannerDays: (administration, site, scanner, from) => daysOf(tx, { administration, site, scanner }, from),
  };
}

/** A scanner that made a scan which the sender of the scope sent to. */
function madeFor(scope: Scope) {
  if (scope.sender === undefined) return sql<boolean>`true`;
  return sql<boolean>`exists (select 1 from observations where observations.administration = scanners.administration
    and observations.site = scanners.site and observations.scanner = scanners.id
    and ${reached(scope, sql.ref('observations.scan_id'))})`;
}

function ofScanner(
  tx: SqlTx,
  { administration, site, id }: Pick<ScannerRow, 'administration' | 'site' | 'id'>,
) {
  return tx
    .selectFrom('scanners')
    .selectAll()
    .where('administration', '=', administration)
    .where('site', '=', site)
    .where('id', '=', id);
}

function toObservationRow(value: Observation) {
  return {
    scan_id: value.scanId,
    revision: value.revision,
    administration: value.administration,
    site: value.site,
    scanner: value.scanner,
    received_at: value.receivedAt,
    received: instant(value.receivedAt),
    containers: value.containers,
    bad_containers: value.badContainers,
    channel_missing: value.channelMissing,
    incomplete: value.incomplete,
    failed: value.failed ?? null,
    clock_seconds: value.clockSeconds ?? null,
  };
}

function toScannerRow(value: ScannerRow) {
  const { administration, site, id, converter, software, structure, alarm, register } = value;
  return {
    administration,
    site,
    id,
    converter,
    first_seen_at: value.firstSeenAt,
    last_seen_at: value.lastSeenAt,
    software: software ?? null,
    structure: JSON.stringify(structure),
    alarm: alarm === undefined ? null : JSON.stringify(alarm),
    senders_allowed: [...register.sendersAllowed],
    register_version: register.version,
    zone: register.zone ?? null,
    clock_offset_seconds: register.clockOffsetSeconds ?? null,
    facts: register.facts === undefined ? null : JSON.stringify(register.facts),
    cab: register.cab === undefined ? null : JSON.stringify(register.cab),
  };
}

function clockIn({
  zone,
  clock_offset_seconds: seconds,
}: Pick<Selectable<Tables['scanners']>, 'zone' | 'clock_offset_seconds'>): ScannerClock {
  return defined({ zone: zone ?? undefined, clockOffsetSeconds: seconds ?? undefined });
}

function fromScannerRow(row: Selectable<Tables['scanners']>): ScannerRow {
  const { administration, site, id, converter, software, structure, alarm } = row;
  return {
    administration,
    site,
    id,
    converter,
    firstSeenAt: row.first_seen_at,
    lastSeenAt: row.last_seen_at,
    ...defined({ software: software ?? undefined }),
    structure,
    ...defined({ alarm: alarm ?? undefined }),
    register: {
      sendersAllowed: row.senders_allowed,
      version: row.register_version,
      ...clockIn(row),
      ...defined({ facts: row.facts ?? undefined, cab: row.cab ?? undefined }),
    },
  };
}
