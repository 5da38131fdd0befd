import { latin1 } from '../../bytes.ts';
import { type DataSet, formatTag, isEncapsulated, isPixelTag, textsOf } from '../data-set.ts';

/** What is known of a file when its data set has been read. */
export interface QuirkFacts {
  readonly dataSet: DataSet;
  /** The transfer syntax is one that compresses pixels. */
  readonly isCompressedSyntax: boolean;
}

/** A departure from DICOM that real files have and that is read all the same. */
interface Quirk {
  /** What the file does, for whoever wrote it. */
  readonly message: string;
  /** What the reader does about it. */
  readonly done: string;
  /** Where it was seen. */
  readonly source: string;
  /** The field that has it, by the finished data set; absent for what the bytes alone show. */
  readonly find?: (facts: QuirkFacts) => string | undefined;
}

const sdicos = 'files by the SDICOS toolkit';
const medical = 'medical files in public collections';

/** Every quirk that is read. To add one is to add a row; README.md of converters/dicom lists them in words. */
export const quirks = {
  'no-preamble': {
    message: 'The file has no preamble and no DICM prefix',
    done: 'recognised by its first elements',
    source: medical,
  },
  'no-meta': {
    message: 'The file has no file meta information, so its transfer syntax is unknown',
    done: 'byte order and kind of VR are taken from its first elements',
    source: medical,
  },
  'lost-head': {
    message: 'The file begins in the middle of a header that was cut off, its transfer syntax with it',
    done: 'the data set is read, but not its samples, because nothing states their form',
    source: medical,
  },
  'syntax-mislabelled': {
    message: 'The data set is not encoded as the transfer syntax states',
    done: 'read in the encoding of its first elements',
    source: medical,
  },
  'od-without-reserved-bytes': {
    message: 'An OD element lacks the two reserved bytes of its header',
    done: 'the length is taken from where they should be, if it then reaches exactly to the end of the file',
    source: 'DICOS V02A files',
  },
  'implicit-element': {
    message: 'An element has no VR in a data set of explicit VR',
    done: 'read with the VR of the dictionary',
    source: medical,
  },
  'unknown-vr': {
    message: 'An element has a VR that DICOM does not know',
    done: 'kept as bytes',
    source: medical,
  },
  'odd-length': { message: 'A value has an odd length', done: 'read as it is', source: medical },
  unordered: {
    message: 'Elements are not in the order of their tags',
    done: 'read in the order of the file',
    source: medical,
  },
  repeated: { message: 'An element occurs twice', done: 'the first one is taken', source: medical },
  'stray-delimiter': {
    message: 'A delimiter stands where no item or sequence is open',
    done: 'passed over',
    source: medical,
  },
  'trailing-zeros': {
    message: 'Zeros follow the last element',
    done: 'passed over',
    source: medical,
  },
  'frames-as-number': {
    message: 'Number of Frames is a binary number, DICOM has a text (IS)',
    done: 'read by the VR in the file; in implicit files by its bytes',
    source: `${sdicos}, V02A and V03`,
    find: ({ dataSet }) => withVr(dataSet, '00280008', (vr) => vr !== 'IS'),
  },
  'scale-as-double': {
    message: 'Image Scale Representation is FD, DICOM has DS',
    done: 'read by the VR in the file; in implicit files by its bytes',
    source: sdicos,
    find: ({ dataSet }) => withVr(dataSet, '40101075', (vr) => vr === 'FD'),
  },
  'encapsulated-ow': {
    message: 'Compressed Pixel Data has VR OW, DICOM has OB',
    done: 'read alike',
    source: sdicos,
    find: ({ dataSet }) => encapsulatedOw(dataSet),
  },
  'wide-pixels': {
    message:
      'Pixels of 32 or 64 bits or floats are in (7FE0,0011), (7FE0,0012) or (7FE0,0013), unknown to DICOM',
    done: 'read as integers (OL, OD) and floats (OF)',
    source: 'DICOS V02A files',
    find: ({ dataSet }) => presentOf(dataSet, ['7fe00011', '7fe00012', '7fe00013']),
  },
  'uid-form': {
    message:
      'A UID does not have the form that DICOM requires (root 0 to 2, no leading zeros, at most 64 characters)',
    done: 'taken as it is; newly written UIDs are valid',
    source: sdicos,
    find: ({ dataSet }) => malformedUid(dataSet),
  },
  'rho-in-overlay-group': {
    message: 'Rho of a potential threat object belongs in (6000,8000), but files have it in (6100,8000)',
    done: 'kept among the elements of the file',
    source: 'a comment in the headers of the SDICOS toolkit',
    find: ({ dataSet }) => nestedTag(dataSet, '60008000', 0),
  },
  'syntax-without-pixels': {
    message: 'The transfer syntax compresses pixels, and there are none',
    done: 'the data set is read as explicit VR little-endian',
    source: `${sdicos}, Threat Detection Reports`,
    find: ({ dataSet, isCompressedSyntax }) =>
      isCompressedSyntax && !dataSet.some(({ tag }) => isPixelTag(tag)) ? formatTag('00020010') : undefined,
  },
} as const satisfies Readonly<Record<string, Quirk>>;

export type QuirkName = keyof typeof quirks;

/** Says that a quirk was met, and where. */
export type QuirkNote = (quirk: QuirkName, field: string) => void;

/** A quirk of one file, with the first field that has it. */
export interface QuirkMet {
  readonly quirk: QuirkName;
  readonly field: string;
  readonly message: string;
}

/** The quirks that the parser noted and those that the data set shows, each once. */
export function quirksMet(noted: ReadonlyMap<QuirkName, string>, facts: QuirkFacts): readonly QuirkMet[] {
  return (Object.keys(quirks) as QuirkName[]).flatMap((quirk) => {
    const { message, find }: Quirk = quirks[quirk];
    const field = noted.get(quirk) ?? find?.(facts);
    return field === undefined ? [] : [{ quirk, field, message: `${message}: ${quirks[quirk].done}` }];
  });
}

/** VRs of implicit elements that SDICOS writes as numbers where the dictionary has text, by the characters of IS and DS. */
const numbersForText: Readonly<Record<string, { readonly vr: 'US' | 'FD'; readonly bytes: number }>> = {
  '00280008': { vr: 'US', bytes: 2 },
  '40101075': { vr: 'FD', bytes: 8 },
};

/** The VR that the bytes of an implicit element show, where it is not the dictionary's. */
export function binaryVr(tag: string, bytes: Uint8Array): 'US' | 'FD' | undefined {
  const number = numbersForText[tag];
  if (number === undefined || bytes.length !== number.bytes) return undefined;
  return /^[0-9+\-eE. \0]+$/.test(latin1(bytes)) && bytes[0] !== 0 ? undefined : number.vr;
}

function withVr(dataSet: DataSet, tag: string, isOdd: (vr: string) => boolean): string | undefined {
  return dataSet.some((element) => element.tag === tag && isOdd(element.vr)) ? formatTag(tag) : undefined;
}

function presentOf(dataSet: DataSet, tags: readonly string[]): string | undefined {
  const found = dataSet.find(({ tag }) => tags.includes(tag));
  return found === undefined ? undefined : formatTag(found.tag);
}

function encapsulatedOw(dataSet: DataSet): string | undefined {
  const found = dataSet.find(({ vr, value }) => vr === 'OW' && isEncapsulated(value));
  return found === undefined ? undefined : formatTag(found.tag);
}

const uidTags = ['00080016', '00080018', '0020000d', '0020000e', '00200052'];

function malformedUid(dataSet: DataSet): string | undefined {
  const isUid = (uid: string) => uid.length <= 64 && /^[0-2](\.(0|[1-9]\d*))+$/.test(uid);
  const bad = uidTags.find((tag) => textsOf(dataSet, tag).some((uid) => !isUid(uid.trim())));
  return bad === undefined ? undefined : formatTag(bad);
}

const NESTING_CEILING = 32;

function nestedTag(dataSet: DataSet, tag: string, depth: number): string | undefined {
  if (depth > NESTING_CEILING) return undefined;
  for (const element of dataSet) {
    if (element.tag === tag) return formatTag(tag);
    if (element.vr !== 'SQ') continue;
    const found = element.value.map((item) => nestedTag(item, tag, depth + 1)).find(Boolean);
    if (found !== undefined) return found;
  }
  return undefined;
}
