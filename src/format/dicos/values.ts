import { characterSetFor } from '../../codec/dicom/character-set.ts';
import { type DataSet, type DicomElement, isTextElement } from '../../codec/dicom/data-set.ts';
import { text } from '../../codec/dicom/write/build.ts';

/** What type 1 attributes say when nobody knows: DICOS has no empty value for them. */
const unknownText = 'UNKNOWN';
/** A date that no scanner was calibrated on: nobody can take it for a real one. */
export const unknownDate = '19000101';

/** Longest value in characters (PS3.5 table 6.2-1). */
const ceilings = { LO: 64, SH: 16, ST: 1024, LT: 10_240 } as const;

/** Free text, cut to what its VR holds, with what would read as a separator or a control character made a blank. */
export function free(tag: string, vr: keyof typeof ceilings, value: string | undefined): DicomElement {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const clean = (value ?? '').replace(/[\\\u0000-\u001f\u007f]/g, ' ').trim();
  const cut = [...clean].slice(0, ceilings[vr]).join('').trim();
  return text(tag, vr, cut === '' ? unknownText : cut);
}

/** RFC 3339 in UTC as DA, TM and DT; the zone of DA and TM is stated by (0008,0201). */
export interface Moment {
  readonly date: string;
  readonly time: string;
  readonly dateTime: string;
}

/** @throws RangeError for anything but a time */
export function momentOf(iso: string): Moment {
  const utc = new Date(iso).toISOString();
  const date = utc.slice(0, 10).replaceAll('-', '');
  const time = utc.slice(11, 23).replaceAll(':', '');
  return { date, time, dateTime: `${date}${time}+0000` };
}

/** (0008,0005) where some text of the data set needs a character set named (PS3.3 C.12.1.1.2). */
export function characterSetElements(elements: DataSet): DataSet {
  const term = characterSetFor(elements.map(visibleText).join(''));
  return term === undefined ? [] : [text('00080005', 'CS', term)];
}

function visibleText(element: DicomElement): string {
  if (element.vr === 'SQ') return element.value.flat().map(visibleText).join('');
  return isTextElement(element) ? element.value.join('') : '';
}
