/**
 * How many scans and cases are in each state (docs/decisions/0046-a-million.md): the metrics need it at each visit.
 * Triggers keep the counts. Each count is the sum of 64 rows, and a connection writes to one of them: transactions that
 * change the same count would wait for one another.
 */
export const counts = `
create table state_counts (
  of_table text not null,
  state text not null,
  band text not null,
  slot integer not null,
  rows bigint not null,
  primary key (of_table, state, band, slot)
) with (fillfactor = 50);

create function add_to_state_counts(changed text, states text[], bands text[], more integer[]) returns void
language sql begin atomic
  insert into state_counts (of_table, state, band, slot, rows)
    select changed, state, band, pg_backend_pid() % 64, sum(one) from unnest(states, bands, more) as each (state, band, one)
    group by state, band having sum(one) <> 0 order by state, band
  on conflict (of_table, state, band, slot) do update set rows = state_counts.rows + excluded.rows;
end;

create function count_states_of_scans() returns trigger language plpgsql as $body$
begin
  if tg_op = 'INSERT' then
    perform add_to_state_counts('scans', array[new.state], array[''], array[1]);
  elsif tg_op = 'DELETE' then
    perform add_to_state_counts('scans', array[old.state], array[''], array[-1]);
  elsif new.state <> old.state then
    perform add_to_state_counts('scans', array[old.state, new.state], array['', ''], array[-1, 1]);
  end if;
  return null;
end
$body$;
create trigger scans_count_states after insert or delete or update of state on scans
  for each row execute function count_states_of_scans();

create function count_states_of_cases() returns trigger language plpgsql as $body$
begin
  if tg_op = 'INSERT' then
    perform add_to_state_counts('cases', array[new.state], array[new.band], array[1]);
  elsif tg_op = 'DELETE' then
    perform add_to_state_counts('cases', array[old.state], array[old.band], array[-1]);
  elsif (new.state, new.band) <> (old.state, old.band) then
    perform add_to_state_counts('cases', array[old.state, new.state], array[old.band, new.band], array[-1, 1]);
  end if;
  return null;
end
$body$;
create trigger cases_count_states after insert or delete or update of state, band on cases
  for each row execute function count_states_of_cases();
`;
