/** What the samples of a channel can be written as. */
export const channelFormats = [
  'dicos',
  'dicos-presentation',
  'medical-dx',
  'tiff',
  'png',
  'npy',
  'raw',
] as const;
export type ChannelFormat = (typeof channelFormats)[number];

const dicomFormats = ['dicos', 'dicos-presentation', 'medical-dx'] as const;
export type DicomFormat = (typeof dicomFormats)[number];

export function isDicomFormat(format: string): format is DicomFormat {
  return (dicomFormats as readonly string[]).includes(format);
}

export const mediaTypeOf: Readonly<Record<ChannelFormat, string>> = {
  dicos: 'application/dicom',
  'dicos-presentation': 'application/dicom',
  'medical-dx': 'application/dicom',
  tiff: 'image/tiff',
  png: 'image/png',
  npy: 'application/octet-stream',
  raw: 'application/octet-stream',
};
