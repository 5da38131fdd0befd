import type { Static, TSchema } from 'typebox';
import { ANY_SITE } from './access.ts';

/**
 * Every kind of document with its folder in the object store; a folder belongs to one kind. A document is what somebody
 * states: one JSON object a version, which belongs to no revision of a scan.
 */
export const documentFolders = {
  acknowledgement: 'acknowledgements',
  annotation: 'annotations',
  'check-in': 'check-ins',
  declaration: 'declarations',
  'model-choice': 'models',
  passage: 'passages',
  person: 'persons',
  photograph: 'photographs',
  policy: 'policies',
  register: 'registers',
  'service-hold': 'service-holds',
  site: 'sites',
  station: 'stations',
  'scan-marks': 'scan-marks',
  'set-aside': 'set-asides',
  'vehicle-hold': 'vehicle-holds',
} as const;

export type DocumentName = keyof typeof documentFolders;

/** The administration that a document belongs to, then what tells it from the others of its kind: [a-z0-9._-] each. */
export type DocumentPath = readonly [administration: string, ...ids: string[]];

/** A kind of document: how it is checked, named and numbered. */
export interface DocumentKind<Value> {
  readonly kind: DocumentName;
  readonly schema: TSchema;
  readonly pathOf: (value: Value) => DocumentPath;
  /** From 1; a later version takes the place of an earlier one. */
  readonly versionOf: (value: Value) => number;
}

/** A kind that the database keeps in its table of documents; others have tables of their own. */
export interface ListedDocumentKind<Value> extends DocumentKind<Value> {
  /** Which versions the table has. The object store has all. */
  readonly keeps: 'every version' | 'the newest version';
  readonly rowOf: (value: Value) => DocumentRow;
}

/** What documents are found by. */
export interface DocumentRow {
  /** Every site unless given. */
  readonly site?: string;
  /** Id of what the document is about, a case for example. */
  readonly subject?: string;
  readonly state?: string;
  /** RFC 3339; lists are in order of it. */
  readonly at?: string;
  /** Further words that it is found by, as the kind writes them. */
  readonly marks?: readonly string[];
}

/** States the type of the values once: that of the schema. */
export function documentKind<Schema extends TSchema>(
  entry: DocumentKind<Static<Schema>> & { readonly schema: Schema },
): DocumentKind<Static<Schema>> {
  return entry;
}

/** As `documentKind`, for the table of documents. */
export function listedDocumentKind<Schema extends TSchema>(
  entry: ListedDocumentKind<Static<Schema>> & { readonly schema: Schema },
): ListedDocumentKind<Static<Schema>> {
  return entry;
}

/** Key of one version of a document in the object store. */
export function documentKey({ kind }: { readonly kind: DocumentName }, path: DocumentPath, version: number) {
  return `${documentFolders[kind]}/${path.join('/')}/${String(version).padStart(6, '0')}.json`;
}

/** The columns of a row, with what stands for nothing. */
export function documentColumns({ site = ANY_SITE, subject = '', state = '', at, marks = [] }: DocumentRow) {
  return { site, subject, state, at: at ?? null, marks: [...marks] };
}
