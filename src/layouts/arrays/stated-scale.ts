import type { PageFacts } from '../../codec/raster/image.ts';
import { parseXml, type XmlNode } from '../../codec/xml/xml.ts';
import { defined } from '../../core/defined.ts';
import { isNiiError } from '../../core/errors.ts';
import type { Channel } from '../../core/scan/scan.ts';
import type { Sdk } from '../../sdk/sdk.ts';
import type { RasterPart } from './raster-planes.ts';

type Stated = Pick<Channel, 'label' | 'rescale'>;

const LABEL_CEILING = 256;
const UNITS_CEILING = 64;

/**
 * What a page of a TIFF says of the values of a channel, first in the metadata of GDAL, then in the description that
 * ImageJ writes, then in the range of the samples. Nothing is computed with it: the samples stay as they are stored.
 */
export function statedOf({ page, first, count }: RasterPart, sdk: Sdk): Stated {
  const { facts } = page;
  if (facts === undefined) return {};
  const gdal = gdalItems(facts, first, sdk);
  const imageJ = imageJLines(facts.description);
  const isWhole = page.sampleFormat !== 'float' && count === 1;
  return defined({
    label: labelOf(gdal.get('description')) ?? labelOf(facts.name) ?? plainDescription(facts.description),
    rescale: isWhole
      ? (gdalScale(gdal, sdk) ?? imageJScale(imageJ, sdk) ?? rangeScale(page, facts, first))
      : undefined,
  });
}

/** Items of GDAL_METADATA for one sample of a pixel, by their role. */
function gdalItems({ gdalMetadata }: PageFacts, sample: number, sdk: Sdk): ReadonlyMap<string, string> {
  if (gdalMetadata === undefined) return new Map();
  try {
    const { root } = parseXml(new TextEncoder().encode(gdalMetadata), sdk.limits, 'GDAL_METADATA');
    const items = root.children.filter(({ attributes }) => Number(attributes.sample ?? '0') === sample);
    return new Map(items.flatMap(roleAndText));
  } catch (error) {
    if (!isNiiError(error)) throw error;
    sdk.warn('NII_W_FIELD_MALFORMED', { field: 'GDAL_METADATA', message: error.message });
    return new Map();
  }
}

function roleAndText({ attributes, text }: XmlNode): readonly (readonly [string, string])[] {
  const { role } = attributes;
  return role === undefined ? [] : [[role.toLowerCase(), text.trim()]];
}

/** One of scale and offset is enough for GDAL: the other is then 1 or 0. */
function gdalScale(items: ReadonlyMap<string, string>, sdk: Sdk): Channel['rescale'] {
  const [scale, offset] = [items.get('scale'), items.get('offset')];
  if (scale === undefined && offset === undefined) return undefined;
  return rescaleOf(scale ?? '1', offset ?? '0', items.get('unittype'), 'GDAL_METADATA', sdk);
}

/** `key=value` lines below a first line `ImageJ=version`; none for another description. */
function imageJLines(description: string | undefined): ReadonlyMap<string, string> {
  const [first = '', ...lines] = (description ?? '').split(/\r\n|\r|\n/, 256);
  if (!first.startsWith('ImageJ=')) return new Map();
  return new Map(
    lines.flatMap((line): readonly [string, string][] => {
      const at = line.indexOf('=');
      return at < 1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]];
    }),
  );
}

/** Calibration function 0 is a straight line, c0 + c1 × sample; others have no slope. */
function imageJScale(lines: ReadonlyMap<string, string>, sdk: Sdk): Channel['rescale'] {
  const [intercept, slope] = [lines.get('c0'), lines.get('c1')];
  if (lines.get('cf') !== '0' || slope === undefined || intercept === undefined) return undefined;
  return rescaleOf(slope, intercept, lines.get('vunit'), 'ImageDescription', sdk);
}

/**
 * SMinSampleValue and SMaxSampleValue are the range of the samples (TIFF 6.0, section 19). A range that integers of this
 * width cannot have is that of the values which the whole width stands for.
 */
function rangeScale(
  { bitsStored, sampleFormat }: RasterPart['page'],
  { leastValues, mostValues }: PageFacts,
  sample: number,
): Channel['rescale'] {
  const [least, most] = [leastValues?.[sample], mostValues?.[sample]];
  if (least === undefined || most === undefined || !Number.isFinite(most - least) || most <= least)
    return undefined;
  const lowest = sampleFormat === 'signed' ? -(2 ** (bitsStored - 1)) : 0;
  const highest = lowest + 2 ** bitsStored - 1;
  const isOfSamples = [least, most].every(
    (value) => Number.isInteger(value) && value >= lowest && value <= highest,
  );
  if (isOfSamples) return undefined;
  const slope = (most - least) / (highest - lowest);
  return { slope, intercept: least - slope * lowest };
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;

function rescaleOf(
  slope: string,
  intercept: string,
  units: string | undefined,
  field: string,
  sdk: Sdk,
): Channel['rescale'] {
  const figures = [slope, intercept].map((text) => (number.test(text) ? Number(text) : Number.NaN));
  const [by = 0, from = 0] = figures;
  if (!figures.every(Number.isFinite) || by === 0) {
    sdk.warn('NII_W_FIELD_MALFORMED', { field, value: `slope ${slope}, intercept ${intercept}` });
    return undefined;
  }
  return { slope: by, intercept: from, ...defined({ units: shortText(units, UNITS_CEILING) }) };
}

function labelOf(text: string | undefined): string | undefined {
  return shortText(text, LABEL_CEILING);
}

/** One line of words; what a program wrote for programs is no label. */
function plainDescription(description: string | undefined): string | undefined {
  const text = description?.trim() ?? '';
  return /^[[{<]|[\r\n=]/.test(text) ? undefined : labelOf(text);
}

function shortText(text: string | undefined, most: number): string | undefined {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' || trimmed.length > most ? undefined : trimmed;
}
