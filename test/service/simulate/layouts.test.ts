import { describe, expect, it } from 'vitest';
import { isNiiError } from '../../../src/core/errors.ts';
import {
  aseFiles,
  nuctechFs6000Files,
  numpyFiles,
  type SimulatedFile,
  simulateLayouts,
  simulateScan,
  simulateToFiles,
  simulateWithFiles,
} from '../../../src/simulate/index.ts';

const small = simulateScan({
  seed: 6,
  pitchMm: 20,
  container: '2x20ft',
  cargo: ['tyres', 'cartons'],
  tractor: false,
});
const tall = simulateScan({
  seed: 6,
  pitchMm: 4600 / 544,
  container: '20ft',
  cargo: 'tyres',
  tractor: false,
});

function named(files: readonly SimulatedFile[], name: string): Buffer {
  const file = files.find((each) => each.name === name);
  if (!file) throw new Error(`no file ${name}`);
  return Buffer.from(file.bytes);
}

describe('an FS6000 image set', () => {
  const files = nuctechFs6000Files(small, 'S1');

  it.each([
    ['S1high.img', 16],
    ['S1low.img', 16],
    ['S1material.img', 8],
  ] as const)('%s has the header that was observed, big-endian', (name, bits) => {
    const bytes = named(files, name);
    const words = Array.from({ length: 18 }, (_, i) => bytes.readUInt16BE(2 * i));
    const time = new Date(small.acquired);
    expect(words.slice(0, 12)).toEqual([100, small.columns, small.rows, 1, 1, 0xffff, 0, bits, 1, 0, 0, 0]);
    expect(words.slice(12)).toEqual([
      time.getUTCFullYear(),
      time.getUTCMonth() + 1,
      time.getUTCDate(),
      time.getUTCHours(),
      time.getUTCMinutes(),
      time.getUTCSeconds(),
    ]);
    expect(bytes.length).toBe(36 + (small.rows * small.columns * bits) / 8);
  });

  it('holds every sample, last row of the picture first', () => {
    const [high, low, material] = ['high', 'low', 'material'].map((part) => named(files, `S1${part}.img`));
    for (let row = 0; row < small.rows; row++) {
      for (let column = 0; column < small.columns; column += 7) {
        const stored = (small.rows - 1 - row) * small.columns + column;
        const shown = row * small.columns + column;
        expect(high!.readUInt16BE(36 + 2 * stored)).toBe(small.high[shown]);
        expect(low!.readUInt16BE(36 + 2 * stored)).toBe(small.low[shown]);
        expect(material![36 + stored]).toBe(small.material[shown]);
      }
    }
  });

  it('has its metadata in UTF-16 with a byte order mark, both containers separated by a comma', () => {
    const bytes = named(files, 'S1.xml');
    expect([...bytes.subarray(0, 2)]).toEqual([0xff, 0xfe]);
    const text = bytes.toString('utf16le');
    expect(text).toContain('encoding="UTF-16"');
    expect(text).toContain(
      `<container_no>${small.units[0]!.container},${small.units[1]!.container}</container_no>`,
    );
    expect(text).toContain('<PICNO>S1</PICNO>');
    expect(text).toMatch(/<IDR>\s*<IDR_IMAGE>/);
  });

  it('can lack its material, be cut while it is written, and lie about its encoding', () => {
    const faulty = nuctechFs6000Files(small, 'S2', {
      material: false,
      truncateLowTo: 32_768,
      declaredEncoding: 'gb2312',
      plateAsVessel: 'AB 123 C',
      bareAmpersand: true,
    });
    expect(faulty.map(({ name }) => name)).toEqual(['S2high.img', 'S2low.img', 'S2.xml']);
    expect(named(faulty, 'S2low.img').equals(named(files, 'S1low.img').subarray(0, 32_768))).toBe(true);
    const text = named(faulty, 'S2.xml').toString('utf16le');
    expect(text).toContain('encoding="gb2312"');
    expect(text).toContain('<name_vessel>AB 123 C</name_vessel>');
    expect(text).toContain(' & PARTS<');
  });
});

describe('an AS&E file', () => {
  const panelsOf = { 1: ['high'], 3: ['low', 'high', 'material'] } as const;

  it.each([
    [1, 2],
    [3, 3],
  ] as const)('of %d panels has the header that was observed, little-endian', (panels, type) => {
    const [file] = aseFiles(tall, 'A1', { panels });
    const bytes = Buffer.from(file!.bytes);
    expect(file!.name).toBe('A1.ase');
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('IM\0\0');
    expect(Array.from({ length: 6 }, (_, i) => bytes.readUInt16LE(4 + 2 * i))).toEqual([
      544 * panels,
      tall.columns,
      type,
      0,
      2,
      0,
    ]);
    const pixels = 544 * panels * tall.columns * 2;
    expect(bytes.subarray(16 + pixels, 16 + pixels + 48).every((byte) => byte === 0)).toBe(true);
    const xml = bytes.subarray(16 + pixels + 48).toString('utf16le');
    const value = /^<Metadata><Items><Item><Value>(.+)<\/Value><Name>ContainerInfo<\/Name>/.exec(xml)?.[1];
    expect(Buffer.from(value!, 'base64').toString()).toBe(tall.units[0]!.container);
  });

  it.each([1, 3] as const)('of %d panels stands upright after a quarter turn counter-clockwise', (panels) => {
    const bytes = Buffer.from(aseFiles(tall, 'A1', { panels })[0]!.bytes);
    const width = 544 * panels;
    panelsOf[panels].forEach((plane, panel) => {
      for (let row = 0; row < 544; row += 3) {
        for (let column = 0; column < tall.columns; column += 11) {
          // Turned counter-clockwise, row i of the picture is the stored column 543 - i.
          const stored = column * width + panel * 544 + (543 - row);
          expect(bytes.readUInt16LE(16 + 2 * stored)).toBe(tall[plane][row * tall.columns + column]);
        }
      }
    });
  });

  it('is refused for a scan that is not 544 detectors high', () => {
    expect(() => aseFiles(small, 'A1')).toThrow(expect.objectContaining({ code: 'NII_BAD_REQUEST' }));
  });
});

describe('a NumPy array', () => {
  const files = numpyFiles(small, 'N1');

  it('holds rows, columns and channels, little-endian, high before low', () => {
    const bytes = named(files, 'N1.npy');
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
    const start = 10 + bytes.readUInt16LE(8);
    expect(start % 64).toBe(0);
    const header = bytes.subarray(10, start).toString('latin1');
    expect(header).toContain(`'shape': (${small.rows}, ${small.columns}, 2)`);
    expect(header).toContain("'descr': '<u2'");
    expect(header).toContain("'fortran_order': False");
    expect(bytes.length).toBe(start + small.rows * small.columns * 4);
    for (let i = 0; i < small.high.length; i += 13) {
      expect(bytes.readUInt16LE(start + 4 * i)).toBe(small.high[i]);
      expect(bytes.readUInt16LE(start + 4 * i + 2)).toBe(small.low[i]);
    }
  });

  it('has a sidecar that says what is in it', () => {
    expect(JSON.parse(named(files, 'N1.json').toString())).toMatchObject({
      niiSidecar: '1.0',
      channels: [
        { id: 'high', kind: 'transmission', energy: 'high', openBeam: small.openBeam.high, invalidValue: 0 },
        { id: 'low', kind: 'transmission', energy: 'low', openBeam: small.openBeam.low, invalidValue: 0 },
      ],
      pixelPitchMm: { row: 20, column: 20 },
      acquired: small.acquired,
      containers: small.units.map(({ container }) => container),
      purpose: 'operational',
      units: small.units.map(({ container, columns }) => ({ container, columns })),
    });
  });
});

describe('files by layout', () => {
  it.each(simulateLayouts)('%s are the same for the same options', (layout) => {
    const options = {
      layout,
      seed: 12,
      pitchMm: 25,
      container: '20ft',
      cargo: 'drums',
      tractor: false,
    } as const;
    const once = simulateToFiles(options);
    const again = simulateWithFiles(options);
    expect(once.map(({ name }) => name)).toEqual(again.files.map(({ name }) => name));
    once.forEach(({ bytes }, i) => {
      expect(Buffer.compare(bytes, again.files[i]!.bytes)).toBe(0);
    });
  });

  it('of a layout that does not exist are refused', () => {
    const { layout } = JSON.parse('{"layout":"fax"}');
    try {
      simulateToFiles({ layout, seed: 1, pitchMm: 25 });
      expect.unreachable();
    } catch (error) {
      expect(isNiiError(error, 'NII_BAD_REQUEST')).toBe(true);
    }
  });
});
