export { encodeDx } from './dx.ts';
export { type DicosIds, dicosIds, type TdrReference } from './ids.ts';
export { encodeDxParts } from './parts.ts';
export type { DxCodec } from './pixel-module.ts';
export { encodeTdr, type TdrInput } from './tdr.ts';
