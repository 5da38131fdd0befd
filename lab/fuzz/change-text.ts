import { decodeText } from '../../src/codec/text.ts';
import type { SeededNumbers } from '../../src/tools/contract/mutate.ts';
import { type Draw, pick } from './change-bytes.ts';

type ChangeText = (text: string, numbers: SeededNumbers) => string;

const NESTING = [8, 40, 400, 4000] as const;
const HUGE = [300, 5000, 60_000] as const;
const oddNumbers = [
  '',
  '0',
  '-1',
  '1e308',
  '1e999',
  '-1e-320',
  'NaN',
  'Infinity',
  '4294967296',
  '9007199254740993',
  '99999999999999999999',
  '0x10',
  '1,5',
  '١٢',
  'PT',
  '2031-02-30T25:61:61Z',
  '-271821-04-20T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
] as const;
const insertions = [
  '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>',
  '<!DOCTYPE a SYSTEM "http://127.0.0.1/x.dtd">',
  '<![CDATA[ ]] > ',
  '<!-- -- -->',
  '<?pi <?pi ?>',
  '&b;',
  '&#x0;',
  '&#55296;',
  '\u0000',
  '\uffff',
  '\ud800',
  '\u202e',
  '</a></a></a>',
  '<a b=c>',
  '<a b="1" b="2"/>',
  '<:/>',
  'xmlns:x=""',
  ' __proto__="1" ',
  '"__proto__":{"a":1},',
  '{"constructor":',
  ',,,,',
  '\r\r\n',
] as const;

/** Every way to change a text, by name; for XML, JSON and lines alike. */
export const textChanges: Readonly<Record<string, ChangeText>> = {
  'drop a mark': (text, numbers) => cutOut(text, anyOf(text, /[<>"'/{}[\],:=&;]/g, numbers)),
  'drop a tag': (text, numbers) => cutOut(text, anyOf(text, /<[^<>]{0,300}>/g, numbers)),
  'repeat an element': (text, numbers) => {
    const found = anyOf(text, /<(\w+)[^<>]{0,200}>[^<>]{0,300}<\/\1>/g, numbers);
    return found === undefined
      ? text
      : put(text, found, found[0].repeat(1 + (pick(HUGE, numbers) ?? 1) / 100));
  },
  'nest deeply': (text, numbers) => {
    const [open = '', close = ''] =
      pick(
        [
          ['<a>', '</a>'],
          ['[', ']'],
          ['{"a":', '}'],
        ],
        numbers,
      ) ?? [];
    const deep = pick(NESTING, numbers) ?? 8;
    const closing = numbers.below(3) === 0 ? '' : close.repeat(deep);
    return insert(text, open.repeat(deep) + closing, numbers);
  },
  'blow up an attribute': (text, numbers) => {
    const found = anyOf(text, /="[^"]{0,200}"/g, numbers);
    return found === undefined ? text : put(text, found, `="${'x&lt;'.repeat(pick(HUGE, numbers) ?? 1)}"`);
  },
  'odd number': (text, numbers) => replaceAny(text, /[-+]?\d[\d.:TZ+-]{0,40}/g, oddNumbers, numbers),
  'odd text': (text, numbers) =>
    replaceAny(
      text,
      />[^<>]{1,300}</g,
      insertions.map((odd) => `>${odd}<`),
      numbers,
    ),
  'insert a construct': (text, numbers) => insert(text, pick(insertions, numbers) ?? '', numbers),
  'another encoding stated': (text, numbers) =>
    replaceAny(
      text,
      /encoding="[^"]*"/g,
      ['UTF-16', 'ISO-8859-1', 'UTF-7', 'EBCDIC', ''].map((name) => `encoding="${name}"`),
      numbers,
    ),
  'move a line': (text, numbers) => {
    const lines = text.split('\n');
    const [line = ''] = lines.splice(numbers.below(lines.length), 1);
    lines.splice(numbers.below(lines.length + 1), 0, line);
    return lines.join('\n');
  },
  'repeat a line': (text, numbers) => {
    const lines = text.split('\n');
    const at = numbers.below(lines.length);
    return lines
      .flatMap((line, i) => (i === at ? Array.from({ length: 1 + numbers.below(400) }, () => line) : [line]))
      .join('\n');
  },
  'drop a line': (text, numbers) => {
    const lines = text.split('\n');
    return lines.toSpliced(numbers.below(lines.length), 1).join('\n');
  },
};

/** True for what starts as a text does; UTF-16 included. */
export function looksLikeText(bytes: Uint8Array): boolean {
  const start = bytes.subarray(0, 64);
  if (start.length < 2) return false;
  const isWide = (start[0] === 0xff && start[1] === 0xfe) || start[1] === 0 || start[0] === 0;
  const odd = start.filter(
    (byte) => (byte < 0x20 && ![9, 10, 13].includes(byte) && !(isWide && byte === 0)) || byte === 0x7f,
  );
  return odd.length === 0;
}

/** One change of the text of a file, written back in an encoding that is mostly its own. */
export function changedText(bytes: Uint8Array, change: ChangeText, { numbers }: Draw): Uint8Array {
  const { text, encoding } = decodeText(bytes);
  return encoded(
    change(text, numbers),
    numbers.below(12) === 0 ? pick(encodings, numbers) : encoding,
    numbers,
  );
}

const encodings = ['utf-8', 'utf-16le', 'utf-16be', 'latin1'] as const;

function encoded(text: string, encoding: string | undefined, numbers: SeededNumbers): Uint8Array {
  const mark = numbers.below(2) === 0 ? '\ufeff' : '';
  if (encoding === 'utf-16le') return new Uint8Array(Buffer.from(mark + text, 'utf16le'));
  if (encoding === 'utf-16be') return new Uint8Array(Buffer.from(mark + text, 'utf16le').swap16());
  return new Uint8Array(Buffer.from(text, encoding === 'latin1' ? 'latin1' : 'utf8'));
}

function anyOf(text: string, form: RegExp, numbers: SeededNumbers): RegExpExecArray | undefined {
  return pick([...text.slice(0, 20_000).matchAll(form)], numbers);
}

function put(text: string, found: RegExpExecArray, by: string): string {
  return text.slice(0, found.index) + by + text.slice(found.index + found[0].length);
}

function cutOut(text: string, found: RegExpExecArray | undefined): string {
  return found === undefined ? text : put(text, found, '');
}

function replaceAny(text: string, form: RegExp, by: readonly string[], numbers: SeededNumbers): string {
  const found = anyOf(text, form, numbers);
  return found === undefined ? text : put(text, found, pick(by, numbers) ?? '');
}

function insert(text: string, part: string, numbers: SeededNumbers): string {
  const at = numbers.below(text.length + 1);
  return text.slice(0, at) + part + text.slice(at);
}
