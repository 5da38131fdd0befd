/**
 * What a stored object is stands in its row, and the case of a report in the index of instances: nothing is read out of
 * a key any more. Of rows of before, as core/upgrade/object-of-before.ts does for manifests. `blocks` are the SHA-256 of
 * each MiB; a row without them gets them at its first read.
 */
export const objectFacts = `
alter table objects add column facts json;
alter table objects add column blocks text;
update objects set facts = case
  when kind = 'manifest' then json_build_object('step', substring(key from '([a-z]+)\\.json$'))
  when kind = 'dicos' then json_build_object('instance', substring(key from '([^/]+)\\.dcs$'))
  when kind = 'map' then json_build_object('model', substring(producer from ':(.*)$'))
  when kind = 'tdr' and key ~ '/tdr/machine-[^/]*$' then json_build_object(
    'origin', json_build_object('kind', 'machine', 'model', substring(producer from ':(.*)$')))
  when kind = 'tdr' and key ~ '/tdr/imported-[0-9]+\\.dcs$' then json_build_object(
    'origin', json_build_object('kind', 'imported', 'number', substring(key from '-([0-9]+)\\.dcs$')::int))
  when kind = 'tdr' then json_build_object('origin', json_build_object(
    'kind', 'case', 'caseId', substring(key from '/tdr/(.*)-[0-9]+\\.dcs$'),
    'seq', substring(key from '-([0-9]+)\\.dcs$')::int))
end;

alter table instances add column case_id text;
update instances set case_id = objects.facts -> 'origin' ->> 'caseId'
  from objects where objects.key = instances.key and instances.source = 'tdr';
`;
