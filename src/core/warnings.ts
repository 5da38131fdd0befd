/**
 * Oddities that do not stop a scan but are kept with it and shown to whoever sent it.
 * docs/reference/errors.md carries the same table; a test fails when they differ.
 */
export const warningTable = {
  NII_W_CONTAINER_CHECK_DIGIT: 'A container number whose ISO 6346 check digit does not fit',
  NII_W_CONTAINER_UNREAD: 'A container number with characters that were not read',
  NII_W_CONTAINER_NOT_ISO6346: 'A container number that is not of the ISO 6346 form',
  NII_W_CONTAINER_AMBIGUOUS: 'A container number whose check remainder is 10, which ISO 6346 writes as 0',
  NII_W_WAGON_NUMBER: 'A wagon number that is not twelve digits with the UIC check digit',
  NII_W_CODE_FORM: 'A code that has not the form or the check digit of its kind',
  NII_W_CODE_UNKNOWN: 'A code that is not in the list that the administration loaded',
  NII_W_UNITS_FOUND:
    'The wagons were found by the gaps between them in the image; the file does not state them',
  NII_W_CONTAINERS_FOUND:
    'Two containers were told apart by the gap between them in the image; the file states two numbers and no places, so the first number is taken for the left one',
  NII_W_CHANNEL_MISSING: 'A channel that scans of this kind usually have is absent',
  NII_W_CHANNEL_INCOMPLETE:
    'A channel file is shorter than its header says; it is probably still being written',
  NII_W_CHANNEL_UNKNOWN: 'Nothing says what this channel measures, so no model looks at it',
  NII_W_CHANNEL_SIZE: 'Channels of one view differ in rows or columns',
  NII_W_ENERGY_ORDER: 'The channel named high absorbs more than the one named low; they may be exchanged',
  NII_W_ENCODING_WRONG: 'A text file declares another encoding than the one it is written in',
  NII_W_XML_REPAIRED: 'A text file was not well-formed and was read after a repair',
  NII_W_FIELD_MALFORMED: 'A field holds something other than its kind of value',
  NII_W_FIELD_SWAPPED: 'Two fields look exchanged',
  NII_W_TIME_ZONE: 'The time of acquisition has no stated zone',
  NII_W_TIME_MALFORMED: 'The time of acquisition is not a time',
  NII_W_PITCH_UNKNOWN: 'The file does not say how large a pixel is',
  NII_W_PITCH_ASSUMED: 'A model looked at the image at an assumed pixel pitch',
  NII_W_DEAD_ROWS: 'Rows or columns without signal, which were not measured',
  NII_W_INVALID_SAMPLES: 'Samples that were not measured: they hold the invalid value that the file states',
  NII_W_INVALID_IS_OPAQUE:
    'The stated invalid value is also that of an opaque object: whole lines of it were not measured, the rest is opaque',
  NII_W_SATURATED: 'Samples at the end of the range that means open beam',
  NII_W_TRAILING_BYTES: 'Bytes behind the end that the format states; kept with the original',
  NII_W_NOT_DECODED: 'A file of an undisclosed layout, kept as it came and not decoded',
  NII_W_PREVIEW_ONLY: 'Only a rendered picture came; detector values are missing',
  NII_W_HEADER_CONSTANT: 'A header field that is constant in other files has another value here',
  NII_W_FILE_MISSING: 'A file that the index of the scan names has not come',
  NII_W_FILE_UNUSED: 'A file of the upload that belongs to the scan but carries nothing that is read',
  NII_W_FILE_UNKNOWN: 'A file of the archive that no converter recognises; it is kept with the scan',
  NII_W_FILE_DAMAGED: 'A damaged file that is kept with the scan and not read; the others are',
  NII_W_INSTANCE_REPEATED:
    'A file with the SOP instance UID of another file of the scan and other content; both are kept and read',
  NII_W_DICOM_QUIRK:
    'A DICOM file departs from the standard in a way that is known and was read all the same',
  NII_W_LOSSY: 'The samples were compressed with loss before they came here',
  NII_W_RESCALE_PER_FRAME:
    'The frames of a DICOM file have different scales; the channel has none, and the samples are as stored',
  NII_W_LINE_UNREAD: 'A line that is not of the format; it is kept with the original',
  NII_W_TIME_ABSENT: 'The file has no time; the time of receipt stands for it',
  NII_W_ALARM_CATEGORY: 'An alarm category that the standard does not list',
  NII_W_OCCUPANCY_OPEN: 'The file ends before the occupancy of the portal does',
} as const;

export type WarningCode = keyof typeof warningTable;

export function isWarningCode(code: string): code is WarningCode {
  return Object.hasOwn(warningTable, code);
}
