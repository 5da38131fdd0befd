export function read([file], sdk) {
  const reader = sdk.reader(file).seek(8);
  const rows = reader.u16le();
  const columns = reader.u16le();
  const samples = reader.take(sdk.pixels(rows, columns));
  const channel = {
    id: 'grey',
    kind: 'transmission',
    energy: 'single',
    rows,
    columns,
    frames: 1,
    samplesPerPixel: 1,
    planar: false,
    bitsAllocated: 8,
    bitsStored: 8,
    sampleFormat: 'unsigned',
    polarity: 'high-is-transparent',
  };
  const display = { flipRows: false, rotate: 0, flipColumns: false };
  return {
    source: { format: 'striped' },
    acquired: { zone: 'unknown' },
    units: sdk.units([]),
    views: [{ id: 'main', display, channels: [channel] }],
    planes: new Map([[sdk.planeKey('main', 'grey'), samples]]),
    vendor: {},
  };
}
