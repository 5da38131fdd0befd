import { type RawBuilder, sql } from 'kysely';
import type { Scope } from '../../../../core/access.ts';
import { caseStatesThat } from '../../../../core/case/case-states.ts';
import type {
  AttributeMatch,
  InstanceFilter,
  InstancePath,
} from '../../../../core/ports/records/instances.ts';
import { siteOf } from '../cursor.ts';
import { reached } from '../reach.ts';
import { likePattern, mayMatch } from './wildcards.ts';

type Condition = RawBuilder<boolean>;
type Reports = InstanceFilter['reports'];

/** What a search asks of rows, told apart by how it is read fastest. */
export interface Matching {
  /** Of rows in the order of the index: administration, site and dates. */
  readonly ordered: Condition;
  /** Of each row that is read. */
  readonly condition: Condition;
  /** What is asked for of these instances, whether or not the caller may see them; SQL under the name `instances`. */
  readonly askedOf: (rows: RawBuilder<unknown>) => Condition;
  /** Some index finds the few rows in question; else many may match, and the newest of them are enough for a page. */
  readonly isNarrow: boolean;
  /** What indexes find of the matches; every match is in it. */
  readonly found: Condition;
}

/** Listed instances that a caller may see and that match. */
export function matching(scope: Scope, { matches, reports }: InstanceFilter): Matching {
  const seen = [sql<boolean>`listed`, ...ofPlace(scope)];
  const dates = matches.filter(isOfDate).map((one) => rowMatch(scope, one, reports));
  const asked = matches.map((one) => rowMatch(scope, one, reports));
  const condition = all([...seen, isReached(scope), reportsShown(reports), ...asked]);
  const isNarrow = matches.every(isOfDate) || matches.some(isExact);
  const found = matches.map((one) => indexMatch(scope, one)).filter((one) => one !== undefined);
  return {
    ordered: all([...seen, ...dates]),
    condition,
    askedOf: (rows) =>
      all([sql<boolean>`true`, ...matches.map((one) => rowMatch(scope, one, reports, rows))]),
    isNarrow,
    found: all([condition, ...found]),
  };
}

/** Rows that the caller may see. */
export function within(scope: Scope): Condition {
  return all([...ofPlace(scope), isReached(scope)]);
}

function ofPlace(scope: Scope, of = 'instances'): readonly Condition[] {
  const site = siteOf(scope);
  return [
    sql<boolean>`${sql.ref(`${of}.administration`)} = ${scope.administration}`,
    ...(site === undefined ? [] : [sql<boolean>`${sql.ref(`${of}.site`)} = ${site}`]),
  ];
}

function isReached(scope: Scope, of = 'instances'): Condition {
  return reached(scope, sql.ref(`${of}.scan_id`));
}

export function underPath({ studyUid, seriesUid, instanceUid }: InstancePath): Condition {
  return all([
    sql<boolean>`study_uid = ${studyUid}`,
    ...(seriesUid === undefined ? [] : [sql<boolean>`series_uid = ${seriesUid}`]),
    ...(instanceUid === undefined ? [] : [sql<boolean>`instance_uid = ${instanceUid}`]),
  ]);
}

/** A verdict that somebody gave on a case of ours; reports that came with a scan are no verdict. */
const isVerdict = (of: string) => sql<boolean>`${sql.ref(`${of}.case_id`)} is not null`;

/**
 * In an `exists` within an `or`: looked up for each row that gets there. Without it the planner may read the whole table
 * once, before the first row, which for four thousand rows beside a million is the wrong way.
 */
const eachRow = sql`offset 0`;

/** As `blind` of a case: somebody may still read the image. */
const isOfBlindCase = (of: string) => sql<boolean>`exists (select 1 from cases
  where cases.id = ${sql.ref(`${of}.case_id`)}
    and (cases.stands_at is not null
      or cases.state in (${sql.join(caseStatesThat(({ hidesVerdicts }) => hidesVerdicts))})) ${eachRow})`;

/** @param of - the name of the row */
export function reportsShown(reports: Reports, of = 'instances'): Condition {
  const report = sql.ref(`${of}.report`);
  switch (reports) {
    case 'blind':
      return sql<boolean>`not (${isVerdict(of)} and ${isOfBlindCase(of)})`;
    case 'all':
      return sql<boolean>`true`;
    case 'machine':
      return sql<boolean>`(${report} is null or not ${isVerdict(of)})`;
    case 'none':
      return sql<boolean>`${report} is null`;
  }
}

function all(conditions: readonly Condition[]): Condition {
  return sql<boolean>`(${sql.join([...conditions], sql` and `)})`;
}

const modalitiesInStudy = '00080061';
const modality = '00080060';
const objectOfInspection = '00100020';
const studyDate = '00080020';
const accession = '00080050';

/** Attributes with a column. */
const columns: Readonly<Record<string, string>> = {
  '0020000D': 'study_uid',
  '0020000E': 'series_uid',
  '00080018': 'instance_uid',
  '00080016': 'sop_class',
  [modality]: 'modality',
  [modalitiesInStudy]: 'modality',
  [studyDate]: 'study_date',
  [objectOfInspection]: 'patient_id',
  [accession]: 'accession',
};

/** Whose single values are in few rows, and in an index. */
const selective: ReadonlySet<string> = new Set([
  '0020000D',
  '0020000E',
  '00080018',
  objectOfInspection,
  accession,
]);

const isOfDate = ({ tag }: AttributeMatch) => tag === studyDate;
const isExact = (match: AttributeMatch) => 'oneOf' in match && selective.has(match.tag);

/** Of one row. @param among - where it is known which rows are looked at */
function rowMatch(
  scope: Scope,
  match: AttributeMatch,
  reports: Reports,
  among?: RawBuilder<unknown>,
): Condition {
  const condition = valueMatch(attributeIn(match.tag, 'instances'), match);
  if (match.tag === modalitiesInStudy) return ofStudy(scope, match, reports);
  if (match.tag !== objectOfInspection) return condition;
  return 'oneOf' in match
    ? ofObject(scope, condition, match)
    : sql<boolean>`(${condition} or ${among === undefined ? ofScan(match) : ofScanAmong(scope, match, among)})`;
}

/** Another condition on the same rows, which an index answers. */
function indexMatch({ administration }: Scope, match: AttributeMatch): Condition | undefined {
  const rows = sql`select key from instances where administration = ${administration} and listed`;
  const { tag } = match;
  if (tag === modality || tag === modalitiesInStudy) {
    const values = sql`select modality from kinds where ${valueMatch(sql`modality`, match)}`;
    const column = tag === modality ? sql`key` : sql`study_uid`;
    return sql<boolean>`${column} in (${modalities(administration)}
      select ${column} from instances where administration = ${administration} and listed and modality in (${values}))`;
  }
  if (!('like' in match)) return undefined;
  const keysOf = (column: string) => sql`wildcard_keys(${sql.ref(column)}) collate "C"`;
  if (tag === accession) {
    const may = mayMatch(keysOf('accession'), match.like);
    return (
      may && sql<boolean>`key in (${rows} and ${may} and ${valueMatch(attributeIn(tag, 'instances'), match)})`
    );
  }
  if (tag !== objectOfInspection) return undefined;
  const named = mayMatch(keysOf('patient_id'), match.like);
  const held = mayMatch(keysOf('containers'), match.like);
  if (named === undefined || held === undefined) return undefined;
  return sql<boolean>`key in (
    ${rows} and ${named} and ${valueMatch(attributeIn(tag, 'instances'), match)}
    union all ${rows} and scan_id in (select id from scans
      where administration = ${administration} and ${held} and ${holds(match)}))`;
}

/** Every modality of the administration, from one to the next in the index: how many instances there are costs nothing. */
function modalities(administration: string): RawBuilder<unknown> {
  const next = (more: RawBuilder<unknown>) => sql`(select instances.modality from instances
    where administration = ${administration} and listed ${more} order by modality limit 1)`;
  return sql`with recursive kinds as (
      ${next(sql``)} union all
      select ${next(sql`and instances.modality > kinds.modality`)} from kinds where kinds.modality is not null)`;
}

/** Some instance of its study has the modality. */
function ofStudy(scope: Scope, match: AttributeMatch, reports: Reports): Condition {
  const conditions = [
    ...ofPlace(scope, 'other'),
    isReached(scope, 'other'),
    sql<boolean>`other.listed`,
    reportsShown(reports, 'other'),
    valueMatch(attributeIn(match.tag, 'other'), match),
  ];
  return sql<boolean>`exists (select 1 from instances as other where other.study_uid = instances.study_uid and ${all(conditions)})`;
}

/**
 * A vehicle with two containers is found by each; an instance names one of them first. Joined of what each index finds, as
 * one of the two alone would be looked for in every row.
 */
function ofObject({ administration }: Scope, named: Condition, match: AttributeMatch): Condition {
  return sql<boolean>`key in (
    select key from instances where administration = ${administration} and listed and ${named}
    union all select key from instances where administration = ${administration} and listed
      and scan_id in (select id from scans where administration = ${administration} and ${holds(match)}))`;
}

function ofScan(match: AttributeMatch): Condition {
  return sql<boolean>`exists (select 1 from scans where scans.id = instances.scan_id
    and scans.administration = instances.administration and ${holds(match)} ${eachRow})`;
}

/** The same, with each scan looked up once for all its instances. */
function ofScanAmong({ administration }: Scope, match: AttributeMatch, rows: RawBuilder<unknown>): Condition {
  return sql<boolean>`scan_id = any(array(
    select held.id from (select distinct scan_id from ${rows}) as seen
    cross join lateral (select id from scans where scans.id = seen.scan_id
      and administration = ${administration} and ${holds(match)} ${eachRow}) as held))`;
}

/** Of a scan: one of its containers matches. */
function holds(match: AttributeMatch): Condition {
  if ('oneOf' in match) return sql<boolean>`containers && ${[...match.oneOf]}::text[]`;
  const number = sql<string>`container.number collate "C"`;
  return sql<boolean>`exists (select 1 from unnest(containers) as container (number) where ${valueMatch(number, match)})`;
}

/** The value of the attribute in the row of this name. */
function attributeIn(tag: string, of: string): RawBuilder<string> {
  const column = columns[tag];
  return column === undefined ? firstValue(tag, of) : sql<string>`${sql.ref(`${of}.${column}`)}`;
}

/** The first value as text; of a person's name its alphabetic form. */
function firstValue(tag: string, of: string): RawBuilder<string> {
  const value = sql`${sql.ref(`${of}.attributes`)}->${tag}::text->'Value'->0`;
  return sql`coalesce(${value}->>'Alphabetic', ${sql.ref(`${of}.attributes`)}->${tag}::text->'Value'->>0)`;
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
