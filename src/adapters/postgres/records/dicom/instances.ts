import { type Selectable, sql } from 'kysely';
import type { Scope } from '../../../../core/access.ts';
import { defined } from '../../../../core/defined.ts';
import type { DicomJson } from '../../../../core/dicom-json.ts';
import type {
  InstanceFilter,
  InstanceGroup,
  InstanceRow,
  Instances,
} from '../../../../core/ports/records/instances.ts';
import type { SqlTx } from '../../database.ts';
import type { Tables } from '../../tables.ts';
import { matching, reportsShown, underPath, within } from './matching.ts';
import { type GroupKey, inOrder, pageOfGroups, readPage } from './pages.ts';

type InstanceRecords = Instances;
type Stored = Selectable<Tables['instances']>;

export function instanceRecords(tx: SqlTx): InstanceRecords {
  return {
    async putInstances(rows) {
      const inOrder = [...rows].sort((a, b) => (a.key < b.key ? -1 : 1));
      for (const row of inOrder) {
        const { key, ...rest } = toStored(row);
        await tx
          .insertInto('instances')
          .values({ key, ...rest })
          .onConflict((at) => at.column('key').doUpdateSet(rest))
          .execute();
      }
    },
    /** In order of key. */
    async instancesOfScan(scanId) {
      const query = tx.selectFrom('instances').selectAll().where('scan_id', '=', scanId);
      return (await query.orderBy('key').execute()).map(fromStored);
    },
    async listInstances(scanId, keys) {
      await sql`update instances set listed = (key = any(${[...keys]}::text[])) where scan_id = ${scanId}`.execute(
        tx,
      );
    },
    async originalsNamed({ administration, site }, instanceUids, limit) {
      const rows = await originalsOf(tx, administration, site)
        .where('instance_uid', 'in', ['', ...instanceUids])
        .limit(limit)
        .execute();
      return rows.map(fromStored);
    },
    async reportsOn({ administration, site }, instanceUids, limit) {
      const rows = await originalsOf(tx, administration, site)
        .where(sql<boolean>`refers_to <> '{}' and refers_to && ${[...instanceUids]}::text[]`)
        .limit(limit)
        .execute();
      return rows.map(fromStored);
    },
    async findInstances(scope, filter, limit, offset) {
      const rows = await readPage(matching(scope, filter), limit + offset, async (from, where) => {
        const query = sql<Stored>`select * from ${from} where ${where} order by ${inOrder} limit ${limit + offset}`;
        return (await query.execute(tx)).rows;
      });
      return rows.slice(offset).map(fromStored);
    },
    async findInstanceGroups(level, scope, filter, limit, offset) {
      const page = await pageOfGroups(tx, level, matching(scope, filter), limit, offset);
      if (page.length === 0) return [];
      const { rows } = await countGroups(scope, filter.reports, page).execute(tx);
      return rows.map(toGroup);
    },
    async instancesUnder(scope, path, reports) {
      const { rows } = await sql<Stored>`
        select * from instances where ${within(scope)} and ${underPath(path)} and ${reportsShown(reports)}
        order by series_uid, ${byNumber}, instance_uid, listed desc, ${received}, revision desc, key`.execute(
        tx,
      );
      const listed = rows.filter((row) => row.listed);
      return oneOfEach((listed.length > 0 ? listed : rows).map(fromStored));
    },
  };
}

function originalsOf(tx: SqlTx, administration: string, site: string) {
  return tx
    .selectFrom('instances')
    .selectAll()
    .where('administration', '=', administration)
    .where('site', '=', site)
    .where('source', '=', 'original')
    .orderBy('scan_id')
    .orderBy('key');
}

/** Instance numbers are text: the shorter one is the smaller one. */
const byNumber = sql`length(instance_number), instance_number`;

/** Of two scans that have the same instance UID the first one has it: nobody takes the place of another's pixels. */
const received = sql`(select received from scans where scans.id = instances.scan_id) nulls last, scan_id`;

interface GroupRow {
  readonly study_uid: string;
  readonly series_uid: string;
  readonly modalities: readonly string[];
  readonly sop_classes: readonly string[];
  readonly series: number;
  readonly instances: number;
  readonly attributes: string;
}

/** What is counted over every listed instance of these groups. */
function countGroups(scope: Scope, reports: InstanceFilter['reports'], groups: readonly GroupKey[]) {
  const studies = groups.map(({ study_uid }) => study_uid);
  const series = groups.map(({ series_uid }) => series_uid);
  return sql<GroupRow>`
    select page.study_uid, page.series_uid,
      array_agg(distinct one.modality) as modalities, array_agg(distinct one.sop_class) as sop_classes,
      count(distinct one.series_uid)::int as series, count(distinct one.instance_uid)::int as instances,
      (array_agg(one.attributes::text order by one.source, one.series_uid, one.instance_uid))[1] as attributes
    from unnest(${studies}::text[], ${series}::text[]) with ordinality as page (study_uid, series_uid, place)
    join (select * from instances where ${matching(scope, { matches: [], reports }).condition}) one
      on one.study_uid = page.study_uid and (page.series_uid = '' or one.series_uid = page.series_uid)
    group by page.study_uid, page.series_uid, page.place
    order by page.place`;
}

function toGroup(row: GroupRow): InstanceGroup {
  return {
    studyUid: row.study_uid,
    seriesUid: row.series_uid,
    modalities: row.modalities,
    sopClasses: row.sop_classes,
    series: row.series,
    instances: row.instances,
    // Written as this by `toStored`.
    attributes: JSON.parse(row.attributes) as DicomJson,
  };
}

/** The first row of each instance UID. */
function oneOfEach(rows: readonly InstanceRow[]): readonly InstanceRow[] {
  const seen = new Map<string, InstanceRow>();
  for (const row of rows) if (!seen.has(row.instanceUid)) seen.set(row.instanceUid, row);
  return [...seen.values()];
}

function toStored(row: InstanceRow) {
  return {
    key: row.key,
    administration: row.administration,
    site: row.site,
    bytes: row.bytes,
    sha256: row.sha256,
    scan_id: row.scanId,
    revision: row.revision,
    source: row.source,
    study_uid: row.studyUid,
    series_uid: row.seriesUid,
    instance_uid: row.instanceUid,
    sop_class: row.sopClass,
    transfer_syntax: row.transferSyntax,
    modality: row.modality,
    frames: row.frames,
    head_bytes: row.headBytes,
    report: row.report ?? null,
    refers_to: [...(row.references ?? [])],
    case_id: row.caseId ?? null,
    attributes: JSON.stringify(row.attributes),
  };
}

function fromStored(row: Stored): InstanceRow {
  return {
    key: row.key,
    administration: row.administration,
    site: row.site,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    scanId: row.scan_id,
    revision: row.revision,
    source: row.source,
    studyUid: row.study_uid,
    seriesUid: row.series_uid,
    instanceUid: row.instance_uid,
    sopClass: row.sop_class,
    transferSyntax: row.transfer_syntax,
    modality: row.modality,
    frames: row.frames,
    headBytes: Number(row.head_bytes),
    ...defined({
      report: row.report ?? undefined,
      caseId: row.case_id ?? undefined,
      references: row.refers_to.length === 0 ? undefined : row.refers_to,
    }),
    attributes: row.attributes,
  };
}
