import { createRequire } from 'node:module';

/** The data dictionary of PS3.6, by tag as `(gggg,eeee)` and by keyword. */
type DataDictionary = typeof import('dcmjs')['default']['data']['DicomMetaDictionary'];

let loaded: DataDictionary | undefined;

/** Thousands of entries: read when the first is asked for. */
function dataDictionary(): DataDictionary {
  loaded ??= readDictionary();
  return loaded;
}

function readDictionary(): DataDictionary {
  const { data }: typeof import('dcmjs')['default'] = createRequire(import.meta.url)('dcmjs');
  return data.DicomMetaDictionary;
}

/**
 * VRs of DICOS elements that PS3.6 lacks, from the tables of the SDICOS headers (V03); by what SDICOS writes where
 * PS3.6 has another. Implicit files name no VR, so without these their values would stay bytes.
 */
const dicosVrs: Readonly<Record<string, string>> = {
  '00020004': 'CS',
  '00082108': 'CS',
  '00607008': 'LO',
  '00607010': 'CS',
  '40100003': 'SL',
  '40100005': 'SL',
  '40100006': 'SL',
  '40100007': 'SL',
  '40100012': 'CS',
  '40101080': 'DT',
  '40101081': 'DT',
  '40101082': 'FL',
  '40101147': 'CS',
  '40101149': 'LT',
  '40101247': 'CS',
  '40101249': 'LT',
  '40102041': 'ST',
  '40102043': 'DT',
  '40102045': 'ST',
  '43000902': 'FL',
  '60008000': 'FL',
  '61000024': 'US',
  '61000026': 'LO',
  '61000028': 'US',
  '61000030': 'US',
  '61000031': 'LO',
  '61000032': 'US',
  '61008000': 'FL',
  '61008002': 'FL',
  '7fe00011': 'OL',
  '7fe00012': 'OD',
  '7fe00013': 'OF',
};

/** What dcmjs writes for a choice that pixel representation or bits would make: the kind that loses nothing. */
const choices: Readonly<Record<string, string>> = { ox: 'OW', xs: 'US', lt: 'OW', up: 'UL', na: 'UN' };

/** The VR of an implicit element by PS3.6, then DICOS; UN where neither knows it. */
export function dictionaryVr(tag: string): string {
  if (tag.endsWith('0000')) return 'UL';
  const known = dicosVrs[tag] ?? standardVr(repeatingGroup(tag)) ?? privateVr(tag);
  return choices[known] ?? known;
}

function standardVr(tag: string): string | undefined {
  const [group, element] = [tag.slice(0, 4), tag.slice(4)].map((part) => part.toUpperCase());
  return dataDictionary().dictionary[`(${group},${element})`]?.vr;
}

/** Curves (50xx) and overlays (60xx) repeat by even group (PS3.5 7.6). */
function repeatingGroup(tag: string): string {
  return /^(50|60)[01][02468ace]/.test(tag) ? `${tag.slice(0, 2)}00${tag.slice(4)}` : tag;
}

/** Private creators are LO (PS3.5 7.8.1); other private elements say nothing of themselves. */
function privateVr(tag: string): string {
  const isPrivate = Number.parseInt(tag.slice(0, 4), 16) % 2 === 1;
  return isPrivate && /^.{4}00[1-9a-f]/.test(tag) ? 'LO' : 'UN';
}

/** An attribute of the data dictionary (PS3.6). `tag` is eight upper-case digits. */
export interface Attribute {
  readonly tag: string;
  readonly vr: string;
}

/** The attribute of a keyword or of eight hexadecimal digits; undefined where the dictionary has none. */
export function attributeOf(name: string): Attribute | undefined {
  const { dictionary, nameMap } = dataDictionary();
  const digits = /^[0-9A-Fa-f]{8}$/.test(name) ? name.toUpperCase() : undefined;
  const entry =
    digits === undefined ? nameMap[name] : dictionary[`(${digits.slice(0, 4)},${digits.slice(4)})`];
  const [, group, element] = /^\(([0-9A-F]{4}),([0-9A-F]{4})\)$/i.exec(String(entry?.tag)) ?? [];
  if (entry === undefined || group === undefined || element === undefined) return undefined;
  return { tag: `${group}${element}`.toUpperCase(), vr: entry.vr };
}
