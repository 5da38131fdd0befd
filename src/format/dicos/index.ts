export { type DxInput, type EncodedDx, encodeDx, imageTypeOf } from './dx.ts';
export { type DicosIds, dicosIds, type TdrReference, uidOf } from './ids.ts';
export type { DxCodec } from './pixel-module.ts';
export { type AbortReason, type EncodedTdr, encodeTdr, type TdrInput } from './tdr.ts';
export type { AssessmentFlag, TdrFinding, ThreatCategory } from './threats.ts';
