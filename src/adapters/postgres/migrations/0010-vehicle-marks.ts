import { type Kysely, type Migration, sql } from 'kysely';

/** Check-ins and passages are found by the marks of a vehicle, each as its kind and value: `plate AB123`. */
export const vehicleMarks: Migration = {
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`create function vehicle_marks(kind text, body json) returns text[] immutable strict parallel safe
      language sql as ${sql.lit(marks)}`.execute(database);
    await sql`create index documents_vehicle_marks on documents using gin (vehicle_marks(kind, body))
      where kind in ('check-in', 'passage')`.execute(database);
  },
};

/** As `mark_of`, whose name is not found while an index is built. */
const marked = (written: string) => String.raw`upper(regexp_replace(${written}, '[\s./-]', '', 'g'))`;

const marks = `select case kind
  when 'check-in' then array(
    select (mark->>'kind') || ' ' || (mark->>'value') from json_array_elements(body->'counting'->'marks') mark)
  else array(
    select 'container ' || ${marked('written')} from json_array_elements_text(body->'report'->'containers') written
    union select 'plate ' || upper(regexp_replace(written, '[^[:alnum:]]', '', 'g'))
      from json_array_elements_text(body->'report'->'plates') written
    union select 'visit ' || ${marked("body->'report'->>'visit'")} where body->'report'->>'visit' is not null)
end`;
