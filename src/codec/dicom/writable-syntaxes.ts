import {
  deflatedLittleEndian,
  explicitLittleEndian,
  htj2kLossless,
  implicitLittleEndian,
  jpeg2000Lossless,
  jpegLosslessSv1,
  jpegLsLossless,
  rleLossless,
} from './uids.ts';

/** Transfer syntaxes that files can be written in, by the name that people give them. */
export const writableSyntaxes = {
  explicit: explicitLittleEndian,
  implicit: implicitLittleEndian,
  deflated: deflatedLittleEndian,
  rle: rleLossless,
  'jpeg-lossless': jpegLosslessSv1,
  'jpeg-ls': jpegLsLossless,
  'jpeg-2000': jpeg2000Lossless,
  htj2k: htj2kLossless,
} as const;
export type SyntaxName = keyof typeof writableSyntaxes;

export const syntaxNames = Object.keys(writableSyntaxes) as readonly SyntaxName[];
