import { NiiError } from '../../core/errors.ts';
import type { PictureOrder, WantedSyntax } from '../../queries/dicomweb/read.ts';

/**
 * The Accept header of DICOMweb. `@fastify/accepts`, which serves everything else, drops the parameters of a media type
 * (`type`, `transfer-syntax`) and cannot read a query parameter in the place of the header.
 */

/** One media type that a request accepts (RFC 9110 section 12.5.1). */
export interface Accepted {
  /** Lower case. */
  readonly type: string;
  /** `type` parameter of multipart/related: the media type of the parts; `*` where none is named. */
  readonly parts: string | undefined;
  readonly transferSyntax: string | undefined;
  readonly quality: number;
}

const TYPES_CEILING = 64;

/** In order of preference; what has quality 0 is left out. Without a header everything is accepted. */
export function acceptedTypes(header: string | undefined): readonly Accepted[] {
  if (header === undefined || header.trim() === '') return [parsed('*/*')];
  const all = splitOutsideQuotes(header, ',').slice(0, TYPES_CEILING).map(parsed);
  return all.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
}

function parsed(text: string): Accepted {
  const [type = '', ...parameters] = splitOutsideQuotes(text, ';').map((part) => part.trim());
  const named = new Map(parameters.map(parameter));
  const quality = Number(named.get('q') ?? 1);
  const isMultipart = type.toLowerCase() === 'multipart/related';
  return {
    type: type.toLowerCase(),
    parts: isMultipart ? (named.get('type')?.toLowerCase() ?? '*') : undefined,
    transferSyntax: named.get('transfer-syntax'),
    quality: Number.isFinite(quality) ? quality : 0,
  };
}

function parameter(text: string): [string, string] {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  const value = at < 0 ? '' : text.slice(at + 1).trim();
  return [name.trim().toLowerCase(), value.replace(/^"(.*)"$/, '$1')];
}

function splitOutsideQuotes(text: string, separator: ',' | ';'): readonly string[] {
  const pattern = separator === ',' ? /(?:"[^"]*"|[^",])+/g : /(?:"[^"]*"|[^";])+/g;
  return text.match(pattern) ?? [];
}

/** How instances go out: several in a multipart body, or one alone. */
export interface DicomOffer {
  readonly form: 'multipart' | 'single';
  readonly syntaxes: readonly WantedSyntax[];
}

/** @throws NII_NOT_ACCEPTABLE where no DICOM files are accepted */
export function dicomOffer(accepted: readonly Accepted[], single: boolean): DicomOffer {
  const usable = accepted.filter(
    ({ type, parts }) =>
      type === '*/*' ||
      (single && type === 'application/dicom') ||
      isOneOf(parts, ['application/dicom', '*', '*/*']),
  );
  const [first] = usable;
  if (first === undefined) throw notAcceptable('multipart/related; type="application/dicom"');
  return {
    form: first.type === 'application/dicom' ? 'single' : 'multipart',
    syntaxes: usable.map(({ transferSyntax }) => wantedOf(transferSyntax)),
  };
}

function wantedOf(transferSyntax: string | undefined): WantedSyntax {
  if (transferSyntax === undefined) return 'default';
  return transferSyntax === '*' ? 'as-stored' : { uid: transferSyntax };
}

function isOneOf(value: string | undefined, all: readonly string[]): boolean {
  return value !== undefined && all.includes(value);
}

const OCTETS = 'application/octet-stream';

/** Media types of frames with the syntax that each means where none is named (PS3.18 table 8.7.3-5). */
const frameTypes: Readonly<Record<string, string | undefined>> = {
  [OCTETS]: undefined,
  'image/jpeg': '1.2.840.10008.1.2.4.70',
  'image/jls': '1.2.840.10008.1.2.4.80',
  'image/jp2': '1.2.840.10008.1.2.4.90',
  'image/jphc': '1.2.840.10008.1.2.4.201',
  'image/dicom-rle': '1.2.840.10008.1.2.5',
};

const typeOfSyntax: readonly (readonly [RegExp, string])[] = [
  [/\.1\.2\.4\.(50|51|53|55|57|70)$/, 'image/jpeg'],
  [/\.1\.2\.4\.8[01]$/, 'image/jls'],
  [/\.1\.2\.4\.9[01]$/, 'image/jp2'],
  [/\.1\.2\.4\.20[123]$/, 'image/jphc'],
  [/\.1\.2\.5$/, 'image/dicom-rle'],
];

/** The media type of frames in a transfer syntax. */
export function frameType(transferSyntax: string): string {
  return typeOfSyntax.find(([pattern]) => pattern.test(transferSyntax))?.[1] ?? OCTETS;
}

/** How frames go out. @throws NII_NOT_ACCEPTABLE */
export function frameOffer(accepted: readonly Accepted[], single: boolean): DicomOffer {
  const usable = accepted.flatMap((one) => {
    const type = one.parts ?? (single || one.type === '*/*' ? one.type : '');
    const isAny = type === '*' || type === '*/*';
    if (!isAny && !Object.hasOwn(frameTypes, type)) return [];
    const wanted = wantedOf(one.transferSyntax ?? frameTypes[type]);
    return [
      { form: one.parts === undefined && !isAny ? ('single' as const) : ('multipart' as const), wanted },
    ];
  });
  const [first] = usable;
  if (first === undefined) throw notAcceptable(`multipart/related; type="${OCTETS}"`);
  return { form: first.form, syntaxes: usable.map(({ wanted }) => wanted) };
}

/** @throws NII_NOT_ACCEPTABLE unless the DICOM JSON model is accepted */
export function requireJson(accepted: readonly Accepted[]): void {
  const json = ['*/*', 'application/*', 'application/json', 'application/dicom+json'];
  if (!accepted.some(({ type }) => json.includes(type))) throw notAcceptable('application/dicom+json');
}

/** The first kind of picture that is accepted; JPEG where any is. @throws NII_NOT_ACCEPTABLE */
export function pictureFormat(accepted: readonly Accepted[]): PictureOrder['format'] {
  for (const { type } of accepted) {
    if (type === 'image/png') return 'png';
    if (['image/jpeg', 'image/*', '*/*'].includes(type)) return 'jpeg';
  }
  throw notAcceptable('image/jpeg or image/png');
}

/** How one binary value goes out. @throws NII_NOT_ACCEPTABLE */
export function bulkForm(accepted: readonly Accepted[]): DicomOffer['form'] {
  for (const { type, parts } of accepted) {
    if (isOneOf(parts, [OCTETS, '*', '*/*'])) return 'multipart';
    if ([OCTETS, '*/*', 'application/*'].includes(type)) return 'single';
  }
  throw notAcceptable(OCTETS);
}

function notAcceptable(given: string): NiiError {
  return new NiiError('NII_NOT_ACCEPTABLE', {
    detail: `Invalid Accept header: this endpoint returns ${given}`,
    field: 'accept',
  });
}
