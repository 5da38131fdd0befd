/**
 * Oddities that do not stop a scan but are kept with it and shown to whoever sent it.
 * docs/reference/errors.md carries the same table; a test fails when they differ.
 */
export const warningTable = {
  NII_W_CONTAINER_CHECK_DIGIT: 'A container number has a wrong ISO 6346 check digit',
  NII_W_CONTAINER_UNREAD: 'A container number contains characters that could not be read',
  NII_W_CONTAINER_NOT_ISO6346: 'A container number does not have the ISO 6346 form',
  NII_W_CONTAINER_AMBIGUOUS: 'A container number has the check remainder 10, which ISO 6346 writes as 0',
  NII_W_WAGON_NUMBER: 'A wagon number does not have twelve digits with the UIC check digit',
  NII_W_CODE_FORM: 'A code has a wrong form or check digit',
  NII_W_CODE_UNKNOWN: "A code is not in the administration's list",
  NII_W_UNITS_FOUND: 'The wagons were detected by the gaps in the image; the file does not state them',
  NII_W_CONTAINERS_FOUND:
    'Two containers were detected by the gap in the image; the file does not state positions for its two numbers, so the first number is assumed to be that of the left container',
  NII_W_CHANNEL_MISSING: 'A channel that scans of this kind usually have is missing',
  NII_W_CHANNEL_INCOMPLETE:
    'A channel file is shorter than its header states; it is probably still being written',
  NII_W_CHANNEL_UNKNOWN: 'The meaning of a channel is unknown, so no model analyses it',
  NII_W_CHANNEL_SIZE: 'Channels of one view differ in rows or columns',
  NII_W_ENERGY_ORDER: 'The channel named high absorbs more than the one named low; they may be swapped',
  NII_W_ENCODING_WRONG: 'A text file has a wrong encoding declaration',
  NII_W_XML_REPAIRED: 'An XML file was not well-formed and was repaired before reading',
  NII_W_FIELD_MALFORMED: 'A field has an invalid value',
  NII_W_FIELD_SWAPPED: 'Two fields seem to be swapped',
  NII_W_TIME_ZONE: 'The time of acquisition has no time zone',
  NII_W_TIME_MALFORMED: 'The time of acquisition is invalid',
  NII_W_PITCH_UNKNOWN: 'The file does not state the pixel pitch',
  NII_W_PITCH_ASSUMED: 'A model analysed the image with an assumed pixel pitch',
  NII_W_DEAD_ROWS: 'Rows or columns have no signal and were not measured',
  NII_W_INVALID_SAMPLES:
    'Some samples were not measured: they have the value that the file defines as invalid',
  NII_W_INVALID_IS_OPAQUE:
    'The stated invalid value is also the value of an opaque object: whole lines with this value count as not measured, other samples as opaque',
  NII_W_SATURATED: 'Some samples are at the end of the range that means open beam',
  NII_W_TRAILING_BYTES: 'There are bytes after the end of the format; they are kept with the original',
  NII_W_NOT_DECODED: 'A file with an unpublished layout was kept but not decoded',
  NII_W_PREVIEW_ONLY: 'The scan has only a display image; detector values are missing',
  NII_W_HEADER_CONSTANT: 'A header field that is constant in other files has a different value',
  NII_W_FILE_MISSING: 'A file listed in the index of the scan has not arrived',
  NII_W_FILE_UNUSED: 'A file of the upload belongs to the scan but has no readable content',
  NII_W_FILE_UNKNOWN: 'No converter recognises a file in the archive; it is kept with the scan',
  NII_W_FILE_DAMAGED: 'A damaged file was kept but not read; the other files were read',
  NII_W_INSTANCE_REPEATED:
    'A file has the SOP instance UID of another file of the scan, but different content; both are kept and read',
  NII_W_DICOM_QUIRK: 'A DICOM file deviates from the standard in a known way and was still read',
  NII_W_LOSSY: 'The samples arrived with lossy compression',
  NII_W_RESCALE_PER_FRAME:
    'The frames of a DICOM file have different scales; the channel has no scale, and the samples are kept as stored',
  NII_W_LINE_UNREAD: 'A line does not have the expected format; it is kept with the original',
  NII_W_TIME_ABSENT: 'The file has no time; the time of receipt is used',
  NII_W_ALARM_CATEGORY: 'An alarm category is not in the standard',
  NII_W_OCCUPANCY_OPEN: 'The file ends before the portal occupancy ends',
} as const;

export type WarningCode = keyof typeof warningTable;

export function isWarningCode(code: string): code is WarningCode {
  return Object.hasOwn(warningTable, code);
}
