import type { Static } from 'typebox';
import { defined } from '../../core/defined.ts';
import { NiiError } from '../../core/errors.ts';
import {
  type PictureOrder,
  type Viewport,
  type Window,
  windowFunctions,
} from '../../queries/dicomweb/read.ts';
import type { PictureQuery } from './schemas.ts';

const LARGEST_SIDE = 16_384;
/** Of a rendered picture: 64 megapixels are 256 MB while they are made. */
const LARGEST_AREA = 64_000_000;

/** The picture that the query describes (PS3.18 section 8.3.5). @throws NII_BAD_REQUEST */
export function pictureOrder(
  query: Static<typeof PictureQuery>,
  format: PictureOrder['format'],
): PictureOrder {
  const { window, viewport, quality } = query;
  return {
    format,
    ...defined({ quality }),
    ...defined({
      window: window === undefined ? undefined : windowOf(window),
      viewport: viewport === undefined ? undefined : viewportOf(viewport),
    }),
  };
}

function windowOf(text: string): Window {
  const [center = '', width = '', name = 'linear', ...more] = text.split(',').map((part) => part.trim());
  const kind = windowFunctions.find((one) => one === name.toLowerCase());
  const numbers = [center, width].map(decimal);
  const [c, w] = numbers;
  if (more.length > 0 || kind === undefined || c === undefined || w === undefined || !(w > 0)) {
    throw invalidParameter('window', 'is center,width or center,width,function with a width above 0');
  }
  return { center: c, width: w, function: kind };
}

function viewportOf(text: string): Viewport {
  const parts = text.split(',').map((part) => part.trim());
  const [width, height, x = 0, y = 0, wide, high] = parts.map((part) =>
    part === '' ? undefined : decimal(part),
  );
  const isSize = (side: number | undefined) => side !== undefined && side >= 1 && side <= LARGEST_SIDE;
  const isCount = (value: number | undefined) => value === undefined || Number.isInteger(value);
  const all = [width, height, x, y, wide, high];
  if (parts.length > 6 || !isSize(width) || !isSize(height) || !all.every(isCount) || x < 0 || y < 0) {
    throw invalidParameter('viewport', 'is width,height or width,height,x,y,width,height in whole pixels');
  }
  if ((width ?? 1) * (height ?? 1) > LARGEST_AREA)
    throw invalidParameter('viewport', `has at most ${LARGEST_AREA} pixels`);
  const source = {
    x,
    y,
    ...defined({ width: wide, height: high }),
  };
  return {
    width: width ?? 1,
    height: height ?? 1,
    ...defined({ source: parts.length > 2 ? source : undefined }),
  };
}

function decimal(text: string): number | undefined {
  return /^-?[0-9]{1,9}(\.[0-9]{1,9})?$/.test(text) ? Number(text) : undefined;
}

function invalidParameter(field: string, detail: string): NiiError {
  return new NiiError('NII_BAD_REQUEST', { detail: `${field} ${detail}`, field });
}
