import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNpy, parseNpyHeader, writeNpy } from '../../../src/codec/npy.ts';
import { decodeText } from '../../../src/codec/text.ts';
import { findNode, parseXml, xmlRootName, xmlToJson } from '../../../src/codec/xml/xml.ts';
import { isNiiError } from '../../../src/core/errors.ts';
import { hasPython } from '../../support/dicom-tools.ts';
import { readSidecar } from '../../support/inputs/vendor-xml.ts';
import { runs } from '../../support/search-size.ts';

const limits = { depth: 16, pixels: 1_000_000 };
const bytesOf = (text: string, encoding: BufferEncoding = 'utf8') =>
  new Uint8Array(Buffer.from(text, encoding));
const xml = (text: string) => parseXml(bytesOf(text), limits);
const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return isNiiError(error) ? error.code : String(error);
  }
  return 'read';
};

describe('text', () => {
  const sample = '<?xml version="1.0" encoding="X"?><a>Zürich 上海</a>';
  const swapped = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le').swap16());

  it.each([
    ['UTF-8 without a mark', 'utf-8', bytesOf(sample.replace('X', 'UTF-8'))],
    ['UTF-8 with a mark', 'utf-8', bytesOf(`\ufeff${sample.replace('X', 'utf-8')}`)],
    ['UTF-16LE with a mark', 'utf-16le', bytesOf(`\ufeff${sample.replace('X', 'UTF-16')}`, 'utf16le')],
    ['UTF-16LE without a mark', 'utf-16le', bytesOf(sample.replace('X', 'utf-16le'), 'utf16le')],
    ['UTF-16BE without a mark', 'utf-16be', swapped(sample.replace('X', 'UTF-16'))],
  ])('%s is decoded by its bytes, and its declaration fits', (_, encoding, bytes) => {
    expect(decodeText(bytes)).toMatchObject({ encoding, mismatch: false });
    expect(decodeText(bytes).text).toContain('Zürich 上海');
  });

  it('a declaration of another encoding is noticed and not believed', () => {
    const wrong = decodeText(bytesOf(sample.replace('X', 'gb2312'), 'utf16le'));
    expect(wrong).toMatchObject({ encoding: 'utf-16le', declared: 'gb2312', mismatch: true });
    expect(wrong.text).toContain('上海');
    expect(decodeText(bytesOf(sample.replace('X', 'utf-16')))).toMatchObject({
      encoding: 'utf-8',
      mismatch: true,
    });
  });

  it.runIf(hasPython())('what is no UTF-8 is read by its declaration, else as windows-1252', () => {
    const python = (text: string, encoding: string) =>
      new Uint8Array(
        execFileSync('/usr/bin/python3', [
          '-c',
          `import sys; sys.stdout.buffer.write('${text}'.encode('${encoding}'))`,
        ]),
      );
    const declared = python('<?xml version="1.0" encoding="GBK"?><a>上海</a>', 'gbk');
    expect(decodeText(declared)).toMatchObject({ encoding: 'gbk', mismatch: false });
    expect(decodeText(declared).text).toContain('上海');
    expect(decodeText(python('Zürich', 'latin-1'))).toMatchObject({
      text: 'Zürich',
      encoding: 'windows-1252',
    });
  });

  it('any bytes give a text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => typeof decodeText(bytes).text === 'string'),
    );
  });
});

describe('XML', () => {
  it('attributes, repeated elements, text and entities become plain JSON', () => {
    const { root, repaired } = xml('<a x="1 &lt; 2"><b>one</b><b>t&#119;o</b><c/><d k="v">&amp;</d></a>');
    expect(xmlToJson(root)).toEqual({
      '@x': '1 < 2',
      b: ['one', 'two'],
      c: '',
      d: { '@k': 'v', '#text': '&' },
    });
    expect(repaired).toBe(false);
  });

  it('a document type and entities of its own are refused', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>';
    for (const text of [bomb, '<!doctype a SYSTEM "file:///etc/passwd"><a/>', '<a><!ENTITY x "y"></a>'])
      expect([text, codeOf(() => xml(text))]).toEqual([text, 'NII_MALFORMED']);
    expect(xmlToJson(xml('<a>&unknown;</a>').root)).toBe('&unknown;');
  });

  it('what ends early is truncated', () => {
    const whole = '<?xml version="1.0"?><a><!-- x --><b c="d">t</b><![CDATA[y]]></a>';
    for (let length = 0; length < whole.length; length++)
      expect([length, codeOf(() => xml(whole.slice(0, length)))]).toEqual([length, 'NII_TRUNCATED']);
  });

  it('no single root and a tag outside are refused', () => {
    for (const text of ['<a/><b/>', '<a/></b>', '<a/><b>x</b>'])
      expect([text, codeOf(() => xml(text))]).toEqual([text, 'NII_MALFORMED']);
  });

  it('nesting and size have ceilings before anything is built', () => {
    expect(codeOf(() => xml('<a>'.repeat(20) + '</a>'.repeat(20)))).toBe('NII_LIMIT_DEPTH');
    expect(codeOf(() => xml(`<a>${'<b/>'.repeat(200_001)}</a>`))).toBe('NII_MALFORMED');
    expect(codeOf(() => parseXml(new Uint8Array(17 * 1024 * 1024), limits))).toBe('NII_LIMIT_BYTES');
  });

  it('a bare & and tags that do not nest are kept as text, and the rest is read', () => {
    const { root, repaired } = xml(
      '<a><i><?xml version="1.0"?><p q=1><b></i>r</x><c>B & S < T</c><d>1</d></a>',
    );
    expect(repaired).toBe(true);
    expect(findNode(root, 'i')?.text).toBe('<?xml version="1.0"?><p q=1><b>');
    expect(findNode(root, 'c')?.text).toBe('B & S < T');
    expect(findNode(root, 'd')?.text).toBe('1');
  });

  it('hostile brackets take time in proportion to their length', () => {
    for (const part of ['<!--', '<![CDATA[', '<?', '<a b="', '<', '</', '<a ', '&', '<a><!--'])
      expect(codeOf(() => xml(`<r>${part.repeat(150_000 / part.length)}</r>`))).toMatch(
        /^(read|NII_[A-Z_]+)$/,
      );
  }, 20_000);

  it('any text is read or refused by code', () => {
    const piece = fc.constantFrom(
      '<a>',
      '</a>',
      '<b c="d">',
      '</b>',
      '<',
      '>',
      '&',
      '"',
      'x',
      '<!--',
      '-->',
      '<?x?>',
      ']]>',
      '<e/>',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(codeOf(() => xml(`<r>${pieces.join('')}</r>`))).toMatch(/^(read|NII_[A-Z_]+)$/);
      }),
      { numRuns: runs(500) },
    );
  });

  it('the root is found at once behind a head of blanks, comments or declarations', () => {
    const started = performance.now();
    for (const part of ['\n', '<!-- a -->', '<!-->', '<!a>', '<?a?>', '<?>?>', '<!--', '<!'])
      xmlRootName(new Uint8Array(Buffer.from(`<!DOCTYPE a SYSTEM "x">${part.repeat(2000)}`)));
    expect(performance.now() - started).toBeLessThan(1000);
    expect(xmlRootName(new Uint8Array(Buffer.from('<?xml?>\n<!-- <b> -->\n<!DOCTYPE c>\n<d:c/>')))).toBe('c');
  });

  it('the dialects of real exporters are read whole', () => {
    const fields: readonly (readonly [string, string, string])[] = [
      ['rapiscan-p60-manifest.xml', 'manifest', 'utf-8'],
      ['smiths-dataform-v0107-rad.xml', 'DataForm', 'utf-16le'],
      ['smiths-dataform-v0107-utf16.xml', 'DataForm', 'utf-16le'],
      ['smiths-dataform-v0107-utf8.xml', 'DataForm', 'utf-8'],
      ['smiths-dataform-v0120-ns.xml', 'DataForm', 'utf-8'],
    ];
    for (const [name, root, encoding] of fields) {
      const bytes = readSidecar(name);
      expect(parseXml(bytes, limits)).toMatchObject({ root: { name: root }, encoding, repaired: false });
      expect(xmlRootName(bytes.slice(0, 4096))).toBe(root);
    }
  });
});

describe('NumPy', () => {
  const descrs = ['|u1', '|i1', '<u2', '>u2', '<i2', '<u4', '>i4', '<u8', '<f4', '>f8'] as const;
  const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });

  it('what is written is read back', () => {
    fc.assert(
      fc.property(fc.constantFrom(...descrs), shape, (descr, sizes) => {
        const length = sizes.reduce((a, b) => a * b, Number(descr[2]));
        const data = Uint8Array.from({ length }, (_, i) => i & 0xff);
        const npy = parseNpy(writeNpy(descr, sizes, data), limits);
        expect(npy).toMatchObject({ descr, shape: sizes, fortranOrder: false, trailingBytes: 0 });
        expect(npy.data).toEqual(data);
      }),
    );
  });

  it.runIf(hasPython('numpy'))('NumPy reads what is written here, of every type', () => {
    const script =
      'import sys, io, numpy as np; a = np.load(io.BytesIO(sys.stdin.buffer.read())); print(a.dtype.str, a.shape, a.tobytes().hex())';
    for (const descr of descrs) {
      const data = Uint8Array.from({ length: 6 * Number(descr[2]) }, (_, i) => i * 3);
      const said = execFileSync('/usr/bin/python3', ['-c', script], {
        input: writeNpy(descr, [2, 3], data),
        encoding: 'utf8',
      });
      expect(said.trim()).toBe(`${descr} (2, 3) ${Buffer.from(data).toString('hex')}`);
    }
  });

  it('every truncation and every changed header byte is read or refused by code', () => {
    const good = writeNpy('<u2', [2, 3], new Uint8Array(12));
    for (let length = 0; length < good.length; length++)
      expect(codeOf(() => parseNpy(good.slice(0, length), limits))).toMatch(/^NII_(TRUNCATED|MALFORMED)$/);
    for (let at = 0; at < 128; at++) {
      for (const value of [0, 39, 48, 57, 92, 255]) {
        const changed = good.with(at, value);
        expect(codeOf(() => parseNpy(changed, limits))).toMatch(/^(read|NII_[A-Z_]+)$/);
      }
    }
  });

  it('a shape that promises more than is there, or more than exists, allocates nothing', () => {
    const claim = (text: string) => {
      const header = `{'descr': '<u2', 'fortran_order': False, 'shape': ${text}, }`.padEnd(117);
      return bytesOf(`\x93NUMPY\x01\x00v\x00${header}\n`, 'latin1');
    };
    expect(codeOf(() => parseNpy(claim('(2000, 2000)'), limits))).toBe('NII_TRUNCATED');
    expect(codeOf(() => parseNpy(claim('(99999, 99999)'), limits))).toBe('NII_LIMIT_PIXELS');
    expect(codeOf(() => parseNpy(claim('(999999999999999, 999999999999999)'), limits))).toBe('NII_MALFORMED');
    expect(codeOf(() => parseNpy(claim('(-1, 4)'), limits))).toBe('NII_MALFORMED');
    expect(codeOf(() => parseNpy(claim('__import__("os")'), limits))).toBe('NII_MALFORMED');
    expect(parseNpyHeader(claim('(3,)'))).toMatchObject({ shape: [3], dataBytes: 6, dataOffset: 128 });
  });
});
