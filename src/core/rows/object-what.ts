import type { DocumentName } from '../documents.ts';

/** The step that wrote a part of the manifest of a revision. */
export type ManifestStep = 'received' | 'converted' | 'analysed';

/** Whose decision a stored report holds. */
export type ReportOrigin =
  /** `model` is id@version. */
  | { readonly kind: 'machine'; readonly model: string }
  /** It came with the scan; `number` from 1 in the record's order. */
  | { readonly kind: 'imported'; readonly number: number }
  /** A verdict or an outcome; `seq` is the number of its event in the history of the case. */
  | { readonly kind: 'case'; readonly caseId: string; readonly seq: number };

/** Kinds that say everything by their name. */
type PlainKind =
  | DocumentName
  | 'signature'
  | 'original'
  | 'scan-json'
  | 'preview'
  | 'thumbnail'
  | 'case'
  | 'hold'
  | 'photograph-original'
  | 'photograph-shown';

/** What a stored object is, by kind. */
export type ObjectWhat =
  | { readonly [Kind in PlainKind]: { readonly kind: Kind } }[PlainKind]
  | { readonly kind: 'manifest'; readonly step: ManifestStep }
  /** `instance` is the `instanceName` of a channel or of one section of it. */
  | { readonly kind: 'dicos'; readonly instance: string }
  /** `model` is id@version. */
  | { readonly kind: 'map'; readonly model: string }
  | { readonly kind: 'tdr'; readonly origin: ReportOrigin };

export type ObjectKind = ObjectWhat['kind'];
