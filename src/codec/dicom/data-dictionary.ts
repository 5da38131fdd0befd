import { createRequire } from 'node:module';

/** The data dictionary of PS3.6, by tag as `(gggg,eeee)` and by keyword. */
type DataDictionary = typeof import('dcmjs')['default']['data']['DicomMetaDictionary'];

let loaded: DataDictionary | undefined;

/** Thousands of entries: read when the first is asked for. */
export function dataDictionary(): DataDictionary {
  loaded ??= readDictionary();
  return loaded;
}

function readDictionary(): DataDictionary {
  const { data }: typeof import('dcmjs')['default'] = createRequire(import.meta.url)('dcmjs');
  return data.DicomMetaDictionary;
}
