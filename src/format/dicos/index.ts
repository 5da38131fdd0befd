export { type DxInput, type EncodedDx, encodeDx, imageTypeOf } from './dx.ts';
export { type DicosIds, dicosIds, type TdrReference, uidOf } from './ids.ts';
export type { DxCodec } from './pixel-module.ts';
