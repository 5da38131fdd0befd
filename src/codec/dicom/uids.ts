/** Transfer syntaxes (PS3.6 table A-1) that are spoken of by name. */
const root = '1.2.840.10008.1.2';

export const implicitLittleEndian = root;
export const explicitLittleEndian = `${root}.1`;
export const encapsulatedUncompressed = `${root}.1.98`;
export const deflatedLittleEndian = `${root}.1.99`;
export const explicitBigEndian = `${root}.2`;
export const jpegLosslessSv1 = `${root}.4.70`;
export const jpegLsLossless = `${root}.4.80`;
export const jpeg2000Lossless = `${root}.4.90`;
export const htj2kLossless = `${root}.4.201`;
export const rleLossless = `${root}.5`;
/** Of General Electric: implicit little-endian, its pixels big-endian. */
export const gePrivate = '1.2.840.113619.5.2';
