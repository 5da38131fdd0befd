import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Scope } from '../../../core/access.ts';
import { caseStatesThat } from '../../../core/case/case-states.ts';
import { defined } from '../../../core/defined.ts';
import type { DicomJson } from '../../../core/dicom-json.ts';
import type {
  AttributeMatch,
  InstanceFilter,
  InstanceGroup,
  InstanceIndex,
  InstanceLevel,
  InstancePath,
  InstanceRow,
  Instances,
  ReferencedOriginals,
} from '../../../core/ports/records/instances.ts';
import type { Tx } from '../database.ts';
import type { Tables } from '../tables.ts';
import { siteOf } from './cursor.ts';
import { reached } from './reach.ts';

type InstanceRecords = InstanceIndex & Instances & ReferencedOriginals;
type Stored = Selectable<Tables['instances']>;
type Condition = RawBuilder<boolean>;

export function instanceRecords(tx: Tx): InstanceRecords {
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
      const { rows } = await sql<Stored>`
        select * from instances where ${matching(scope, filter)}
        order by study_date desc nulls last, study_uid, series_uid, ${byNumber}, instance_uid, key
        limit ${limit} offset ${offset}`.execute(tx);
      return rows.map(fromStored);
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

function originalsOf(tx: Tx, administration: string, site: string) {
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

/** Of candidates for a page; a study with several dates is one for each. */
const CANDIDATES_FACTOR = 8;

interface GroupKey {
  readonly study_uid: string;
  readonly series_uid: string;
}

/**
 * The names of a page of groups, newest first. Candidates are read in the order of the index, and no more of them than
 * are needed: how many studies there are costs nothing. A group stands where its newest instance does.
 */
async function pageOfGroups(
  tx: Tx,
  level: InstanceLevel,
  condition: Condition,
  limit: number,
  offset: number,
): Promise<readonly GroupKey[]> {
  const isSeries = level === 'series';
  const series = isSeries ? sql`, series_uid` : sql``;
  const ofSeries = isSeries ? sql<boolean>`instances.series_uid = dated.series_uid` : sql<boolean>`true`;
  for (let candidates = (limit + offset) * 2; ; candidates *= CANDIDATES_FACTOR) {
    const { rows } = await sql<GroupKey & { readonly candidates: number }>`
      with dated as materialized (
        select distinct study_date, study_uid${series} from instances where ${condition}
        order by study_date desc nulls last, study_uid${series} limit ${candidates}
      )
      select study_uid, ${isSeries ? sql`series_uid` : sql`''`} as series_uid, (select count(*) from dated)::int as candidates
      from dated where not exists (select 1 from instances where ${condition}
        and instances.study_uid = dated.study_uid and ${ofSeries}
        and (instances.study_date > dated.study_date or dated.study_date is null and instances.study_date is not null))
      order by study_date desc nulls last, study_uid${series}`.execute(tx);
    const isAll = (rows[0]?.candidates ?? 0) < candidates;
    if (isAll || rows.length >= limit + offset) return rows.slice(offset, offset + limit);
  }
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
    join (select * from instances where ${matching(scope, { matches: [], reports })}) one
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

function matching(scope: Scope, { matches, reports }: InstanceFilter): Condition {
  const listed = sql<boolean>`listed`;
  return all([
    within(scope),
    listed,
    reportsShown(reports),
    ...matches.map((one) => matchOf(scope, one, reports)),
  ]);
}

function within(scope: Scope): Condition {
  const site = siteOf(scope);
  return all([
    sql<boolean>`administration = ${scope.administration}`,
    ...(site === undefined ? [] : [sql<boolean>`site = ${site}`]),
    reached(scope, sql.ref('instances.scan_id')),
  ]);
}

function underPath({ studyUid, seriesUid, instanceUid }: InstancePath): Condition {
  return all([
    sql<boolean>`study_uid = ${studyUid}`,
    ...(seriesUid === undefined ? [] : [sql<boolean>`series_uid = ${seriesUid}`]),
    ...(instanceUid === undefined ? [] : [sql<boolean>`instance_uid = ${instanceUid}`]),
  ]);
}

/** A verdict that somebody gave on a case of ours; reports that came with a scan are no verdict. */
const isVerdict = sql<boolean>`instances.case_id is not null`;

/** As `blind` of a case: somebody may still read the image. */
const isOfBlindCase = sql<boolean>`exists (select 1 from cases
  where cases.id = instances.case_id
    and (cases.stands_at is not null
      or cases.state in (${sql.join(caseStatesThat(({ hidesVerdicts }) => hidesVerdicts))})))`;

function reportsShown(reports: InstanceFilter['reports']): Condition {
  switch (reports) {
    case 'blind':
      return sql<boolean>`not (${isVerdict} and ${isOfBlindCase})`;
    case 'all':
      return sql<boolean>`true`;
    case 'machine':
      return sql<boolean>`(report is null or not ${isVerdict})`;
    case 'none':
      return sql<boolean>`report is null`;
  }
}

function all(conditions: readonly Condition[]): Condition {
  return sql<boolean>`(${sql.join([...conditions], sql` and `)})`;
}

const modalitiesInStudy = '00080061';
const objectOfInspection = '00100020';

const columns: Readonly<Record<string, RawBuilder<string>>> = {
  '0020000D': sql`study_uid`,
  '0020000E': sql`series_uid`,
  '00080018': sql`instance_uid`,
  '00080016': sql`sop_class`,
  '00080060': sql`modality`,
  [modalitiesInStudy]: sql`modality`,
  '00080020': sql`study_date`,
  '00100020': sql`patient_id`,
  '00080050': sql`accession`,
};

function matchOf(scope: Scope, match: AttributeMatch, reports: InstanceFilter['reports']): Condition {
  const condition = valueMatch(columns[match.tag] ?? firstValue(match.tag), match);
  if (match.tag === objectOfInspection) return ofObject(scope, condition, match);
  if (match.tag !== modalitiesInStudy) return condition;
  return sql<boolean>`study_uid in (select study_uid from instances where ${within(scope)} and listed and ${reportsShown(reports)} and ${condition})`;
}

/**
 * A vehicle with two containers is found by each; an instance names one of them first. Joined of what each index finds, as
 * one of the two alone would be looked for in every row.
 */
function ofObject(scope: Scope, named: Condition, match: AttributeMatch): Condition {
  const { administration } = scope;
  const holds =
    'oneOf' in match
      ? sql<boolean>`containers && ${[...match.oneOf]}::text[]`
      : sql<boolean>`exists (select 1 from unnest(containers) as container (number) where ${valueMatch(sql`container.number`, match)})`;
  return sql<boolean>`key in (
    select key from instances where administration = ${administration} and listed and ${named}
    union all select key from instances where administration = ${administration} and listed
      and scan_id in (select id from scans where administration = ${administration} and ${holds}))`;
}

/** The first value as text; of a person's name its alphabetic form. */
function firstValue(tag: string): RawBuilder<string> {
  return sql`coalesce(attributes->${tag}::text->'Value'->0->>'Alphabetic', attributes->${tag}::text->'Value'->>0)`;
}

function valueMatch(value: RawBuilder<string>, match: AttributeMatch): Condition {
  if ('oneOf' in match) return sql<boolean>`${value} = any(${[...match.oneOf]}::text[])`;
  if ('like' in match) return sql<boolean>`${value} ilike ${likePattern(match.like)}`;
  const { from, to } = match;
  return all([
    sql<boolean>`${value} is not null`,
    ...(from === undefined ? [] : [sql<boolean>`${value} collate "C" >= ${from}`]),
    ...(to === undefined ? [] : [sql<boolean>`${value} collate "C" <= ${to}`]),
  ]);
}

function likePattern(pattern: string): string {
  return pattern
    .replace(/[\\%_]/g, (char) => `\\${char}`)
    .replaceAll('*', '%')
    .replaceAll('?', '_');
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
