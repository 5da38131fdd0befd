/** Words that the formats are made of; a mutation that has the right word in the wrong place gets further. */
const texts = [
  '<?xml version="1.0" encoding="UTF-16"?>',
  '<?xml version="1.1" standalone="yes"?>',
  '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>',
  '<!DOCTYPE a SYSTEM "file:///etc/hostname">',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '&amp;',
  '&#0;',
  '&#x110000;',
  '&undefined;',
  '</',
  '/>',
  '"',
  '{"a":[',
  ']}',
  '__proto__',
  'constructor',
  '\\ud800',
  'NIIFAKE1\n',
  'DICM',
  'IHDR',
  'PLTE',
  'IDAT',
  'tRNS',
  'iCCP',
  'zTXt',
  'IEND',
  'ustar',
  "{'descr': '<u2', 'fortran_order': True, 'shape': (4294967295, 4294967295), }",
  'GB,000001,000002,000003,000004\r\n',
  'NS,000021,000022,000023,000024\r\n',
  'CountedZeroes',
  'NaN',
  '-0',
  '1e999',
  '99999999999999999999',
] as const;

const binary = [
  '89504e470d0a1a0a', // PNG
  '49492a0008000000', // TIFF
  '4d4d002a00000008',
  'ffd8ffe0', // JPEG: start, end, start of frame, restart interval, tables
  'ffd9',
  'ffc0',
  'ffc3',
  'ffda',
  'ffdd0004ffff',
  'ff4fff51', // JPEG 2000 codestream
  '504b0304', // ZIP: local header, directory, its end
  '504b0102',
  '504b0506',
  '934e554d505901007600', // NPY
  'fffe00e0ffffffff', // DICOM: item, its end, end of sequence
  'fffe0de000000000',
  'fffedde000000000',
  'e07f1000', // pixel data, rows, columns, frames, bits
  '28001000555302000000',
  '2800110055530200ffff',
  '280008004953',
  '28000001555302004000',
  '53510000ffffffff',
  'efbbbf', // byte order marks
  'fffe',
  'feff',
  '0001000400000001', // TIFF entries: width, compression, strips
  '00010003',
  '03010300010000000500',
  '1101040001000000ffffffff',
] as const;

export const tokens: readonly Uint8Array[] = [
  ...texts.map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
  ...binary.map((hex) => new Uint8Array(Buffer.from(hex, 'hex'))),
];
