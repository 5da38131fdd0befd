/**
 * When a case was opened, by which the metrics find the oldest open one: they read the history of each open case for it
 * (docs/decisions/0046-a-million.md). Of cases that were closed before it is unknown until they are opened again.
 */
export const opened = `
alter table cases add column opened timestamptz;
update cases set opened = (regexp_replace(body::text, '\\\\u(0000|d[89a-f][0-9a-f]{2})', '\\\\ufffd', 'g')::json
  -> 'history' -> 0 ->> 'at')::timestamptz where state <> 'closed';
create index cases_opened on cases (opened) where state <> 'closed';
`;
