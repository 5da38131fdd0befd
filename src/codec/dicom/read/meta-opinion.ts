import dicomParser from 'dicom-parser';

/**
 * Transfer Syntax UID (0002,0010) as dicom-parser reads the file meta information behind a preamble; undefined where
 * it gives up. A file whose head two readers understand differently would give samples that depend on the reader, so
 * it is rejected and not guessed.
 */
export function secondOpinionOfSyntax(file: Uint8Array): string | undefined {
  try {
    return dicomParser.readPart10Header(file).string('x00020010')?.trim();
  } catch {
    return undefined; // it throws plain objects at files that are odd but readable
  }
}
