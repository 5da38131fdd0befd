import { defined } from '../../../core/defined.ts';
import type { PageFacts } from '../image.ts';
import type { TiffDirectory } from './directory.ts';
import { numbersOf } from './geometry.ts';

const TEXT_CEILING = 65_536;

/** PageName, ImageDescription, SMinSampleValue and SMaxSampleValue of TIFF 6.0, and GDAL_METADATA (42112). */
export function factsOf(directory: TiffDirectory): PageFacts {
  return defined({
    name: textOf(directory, 285),
    description: textOf(directory, 270),
    gdalMetadata: textOf(directory, 42_112),
    leastValues: valuesOf(directory, 340),
    mostValues: valuesOf(directory, 341),
  });
}

function textOf(directory: TiffDirectory, tag: number): string | undefined {
  const value = directory.get(tag);
  return typeof value === 'string' && value !== '' ? value.slice(0, TEXT_CEILING) : undefined;
}

function valuesOf(directory: TiffDirectory, tag: number): readonly number[] | undefined {
  const values = numbersOf(directory.get(tag));
  return values.length === 0 ? undefined : values;
}
