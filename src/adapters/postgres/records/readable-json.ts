import { type RawBuilder, sql } from 'kysely';

/**
 * JSON that PostgreSQL can look into. It rejects the whole statement for one U+0000 or half of a surrogate pair in a
 * text, in whatever row the plan comes past, also of another administration. An escape of the same length stands for it.
 * What has no escape is taken as it is.
 */
export function readableJson(json: RawBuilder<unknown>): RawBuilder<unknown> {
  const text = sql`${json}::text`;
  return sql`case when strpos(${text}, '\\u') = 0 then ${json}
    else regexp_replace(${text}, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json end`;
}
