/** One value of the DICOM JSON model (PS3.18 annex F); the data set is keyed by eight upper-case digits. */
export interface DicomJsonElement {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly InlineBinary?: string;
  readonly BulkDataURI?: string;
}
export type DicomJson = Readonly<Record<string, DicomJsonElement>>;
