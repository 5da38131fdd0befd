import Type, { type Static } from 'typebox';
import type { WarningCode } from '../warnings.ts';

/** How much an oddity weighs for whoever sent the file. */
export const Weight = Type.Enum(['defect', 'remark', 'note']);
export type Weight = Static<typeof Weight>;

export interface Expectation {
  /** defect: the record cannot be relied on; remark: something to mend; note: nothing for the vendor to do. */
  readonly weight: Weight;
  /** What a file without this oddity has. */
  readonly expected: string;
}

/** What is expected instead of each oddity of `warningTable`; docs/reference/conformance-report.md carries the same table. */
export const expectations: Readonly<Record<WarningCode, Expectation>> = {
  NII_W_CONTAINER_CHECK_DIGIT: {
    weight: 'remark',
    expected: 'A container number whose last digit is the ISO 6346 check digit',
  },
  NII_W_CONTAINER_UNREAD: {
    weight: 'remark',
    expected: 'All characters of the container number, or no number',
  },
  NII_W_CONTAINER_NOT_ISO6346: {
    weight: 'remark',
    expected: 'Four letters, the last being U, J or Z, and seven digits',
  },
  NII_W_CONTAINER_AMBIGUOUS: { weight: 'note', expected: 'A number whose check remainder is not 10' },
  NII_W_WAGON_NUMBER: {
    weight: 'defect',
    expected: 'Twelve digits, of which the last is the UIC 438-2 check digit',
  },
  NII_W_CODE_FORM: {
    weight: 'remark',
    expected: 'Codes in the form of their standard, with a valid check digit',
  },
  NII_W_CODE_UNKNOWN: { weight: 'remark', expected: "Codes from the administration's list" },
  NII_W_UNITS_FOUND: { weight: 'note', expected: 'The columns of each wagon, stated with the scan' },
  NII_W_CONTAINERS_FOUND: { weight: 'note', expected: 'The columns of each container, stated with the scan' },
  NII_W_CHANNEL_MISSING: { weight: 'remark', expected: 'Every channel that the scanner measured' },
  NII_W_CHANNEL_INCOMPLETE: {
    weight: 'defect',
    expected: 'As many bytes as the file header states; send a file only when it is completely written',
  },
  NII_W_CHANNEL_UNKNOWN: {
    weight: 'defect',
    expected: 'The kind, energy and polarity of each channel',
  },
  NII_W_CHANNEL_SIZE: { weight: 'remark', expected: 'The same rows and columns in all channels of a view' },
  NII_W_ENERGY_ORDER: {
    weight: 'defect',
    expected: 'The high-energy channel named high, and the low-energy channel named low',
  },
  NII_W_ENCODING_WRONG: { weight: 'remark', expected: 'The encoding that the file declares' },
  NII_W_XML_REPAIRED: { weight: 'remark', expected: 'Well-formed XML' },
  NII_W_FIELD_MALFORMED: { weight: 'remark', expected: 'A valid value for the field' },
  NII_W_FIELD_SWAPPED: { weight: 'remark', expected: 'Each value in its own field' },
  NII_W_TIME_ZONE: { weight: 'remark', expected: 'A time with its zone, preferably UTC' },
  NII_W_TIME_MALFORMED: { weight: 'defect', expected: 'Date and time of the acquisition' },
  NII_W_PITCH_UNKNOWN: { weight: 'remark', expected: 'Millimetres between rows and between columns' },
  NII_W_PITCH_ASSUMED: { weight: 'remark', expected: 'Millimetres between rows and between columns' },
  NII_W_DEAD_ROWS: { weight: 'remark', expected: 'A signal from every detector element' },
  NII_W_INVALID_SAMPLES: { weight: 'note', expected: 'A measured value in every sample' },
  NII_W_INVALID_IS_OPAQUE: {
    weight: 'remark',
    expected:
      'An invalid value that no measured sample can have, or a list of the lines that were not measured',
  },
  NII_W_SATURATED: { weight: 'remark', expected: 'Open beam below the end of the range' },
  NII_W_TRAILING_BYTES: { weight: 'remark', expected: 'No bytes after the end of the format' },
  NII_W_NOT_DECODED: {
    weight: 'remark',
    expected: 'Detector values in an open layout, for example DICOS; see docs/reference/formats.md',
  },
  NII_W_PREVIEW_ONLY: { weight: 'defect', expected: 'Detector values in addition to the display image' },
  NII_W_HEADER_CONSTANT: { weight: 'remark', expected: 'The same value as in other files of this layout' },
  NII_W_FILE_MISSING: {
    weight: 'remark',
    expected: 'Every file that the index lists, sent with it or later',
  },
  NII_W_FILE_UNUSED: { weight: 'note', expected: 'Only files that belong to the scan' },
  NII_W_FILE_UNKNOWN: { weight: 'note', expected: 'Only files that belong to the scan' },
  NII_W_FILE_DAMAGED: { weight: 'defect', expected: 'A complete file; send it again' },
  NII_W_INSTANCE_REPEATED: {
    weight: 'defect',
    expected: 'A different SOP instance UID for each content; see PS3.5 chapter 9',
  },
  NII_W_DICOM_QUIRK: {
    weight: 'remark',
    expected: 'DICOM that follows PS3.5 and PS3.10; DICOS that follows NEMA IIC 1',
  },
  NII_W_LOSSY: { weight: 'defect', expected: 'Lossless compression, or none' },
  NII_W_RESCALE_PER_FRAME: {
    weight: 'remark',
    expected: 'One rescale slope and intercept for all frames of a file',
  },
  NII_W_LINE_UNREAD: { weight: 'remark', expected: 'Complete lines in this format' },
  NII_W_TIME_ABSENT: {
    weight: 'remark',
    expected: 'The date and time of the measurement, with its zone',
  },
  NII_W_ALARM_CATEGORY: {
    weight: 'note',
    expected: 'A standard category: Alpha, Beta, Gamma, Neutron, Isotope or Other',
  },
  NII_W_OCCUPANCY_OPEN: { weight: 'remark', expected: 'A file that is sent after the end of the occupancy' },
};
