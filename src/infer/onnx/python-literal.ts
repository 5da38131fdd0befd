import { NiiError } from '../../core/errors.ts';

/** What Python's `str()` writes of plain values; dictionaries are maps. */
export type PythonLiteral =
  | string
  | number
  | boolean
  | null
  | readonly PythonLiteral[]
  | ReadonlyMap<string | number, PythonLiteral>;

const LENGTH_CEILING = 1024 * 1024;
const DEPTH_CEILING = 32;

/**
 * Reads a Python literal: text, numbers, True, False, None, lists, tuples and dictionaries. Exporters write class names
 * this way (`{0: 'person', 1: "driver's cab"}`). Nothing is ever run.
 * @throws NII_MALFORMED for anything else, NII_LIMIT_DEPTH, NII_LIMIT_BYTES above 1 MiB
 */
export function parsePythonLiteral(text: string): PythonLiteral {
  if (text.length > LENGTH_CEILING)
    throw new NiiError('NII_LIMIT_BYTES', `a literal has more than ${LENGTH_CEILING} characters`);
  const cursor = new Cursor(text);
  const value = readValue(cursor, 0);
  if (!cursor.isAtEnd()) throw cursor.unexpected();
  return value;
}

/** Guards its place in the text: white space between parts is passed over. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next character that is no white space, without taking it; '' at the end. */
  peek(): string {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
    return this.#text.charAt(this.#at);
  }

  isAtEnd(): boolean {
    return this.peek() === '';
  }

  /** Takes this character if it is the next. */
  accept(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#at++;
    return true;
  }

  expect(character: string): void {
    if (!this.accept(character)) throw this.unexpected();
  }

  /** Takes what the pattern matches here. @param pattern - sticky */
  match(pattern: RegExp): RegExpExecArray | undefined {
    this.peek();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }

  unexpected(): NiiError {
    const found = this.#text.slice(this.#at, this.#at + 16);
    return new NiiError('NII_MALFORMED', {
      detail:
        found === '' ? 'a Python literal is incomplete' : `a Python literal has ${JSON.stringify(found)}`,
      offset: this.#at,
    });
  }
}

const quoted = /'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"/y;
const number = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const word = /[A-Za-z]+/y;
const words: ReadonlyMap<string, PythonLiteral> = new Map<string, PythonLiteral>([
  ['True', true],
  ['False', false],
  ['None', null],
]);

function readValue(cursor: Cursor, depth: number): PythonLiteral {
  if (depth > DEPTH_CEILING)
    throw new NiiError('NII_LIMIT_DEPTH', `a literal has more than ${DEPTH_CEILING} levels`);
  if (cursor.accept('{')) return readDictionary(cursor, depth + 1);
  if (cursor.accept('[')) return readList(cursor, ']', depth + 1);
  if (cursor.accept('(')) return readList(cursor, ')', depth + 1);
  return readPlain(cursor);
}

function readPlain(cursor: Cursor): string | number | boolean | null {
  const text = cursor.match(quoted);
  if (text !== undefined) return unescaped(text[1] ?? text[2] ?? '');
  const digits = cursor.match(number);
  if (digits !== undefined) return Number(digits[0]);
  const name = cursor.match(word)?.[0] ?? '';
  const value = words.get(name);
  if (value === true || value === false || value === null) return value;
  throw cursor.unexpected();
}

function readList(cursor: Cursor, end: string, depth: number): readonly PythonLiteral[] {
  const values: PythonLiteral[] = [];
  while (!cursor.accept(end)) {
    values.push(readValue(cursor, depth));
    if (cursor.accept(',')) continue;
    cursor.expect(end);
    break;
  }
  return values;
}

function readDictionary(cursor: Cursor, depth: number): ReadonlyMap<string | number, PythonLiteral> {
  const entries = new Map<string | number, PythonLiteral>();
  while (!cursor.accept('}')) {
    const key = readPlain(cursor);
    cursor.expect(':');
    const value = readValue(cursor, depth);
    if (typeof key === 'string' || typeof key === 'number') entries.set(key, value);
    if (cursor.accept(',')) continue;
    cursor.expect('}');
    break;
  }
  return entries;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '\n': '' };

function unescaped(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([\s\S]))/g,
    (_, two?: string, four?: string, one = '') => {
      const code = two ?? four;
      return code === undefined ? (escapes[one] ?? one) : String.fromCharCode(Number.parseInt(code, 16));
    },
  );
}
