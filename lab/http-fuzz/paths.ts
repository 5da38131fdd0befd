import type { Description, Operation } from './description.ts';

export type PathValues = Readonly<Record<string, string>>;

/** UTF-8 with everything escaped that may not stand in a part of a path; halves of pairs become U+FFFD. */
export function escaped(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return Array.from(bytes, (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9._~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

export function filledPath(path: string, textOf: (name: string) => string): string {
  return path.replaceAll(/\{([A-Za-z0-9]+)\}/g, (_, name: string) => textOf(name));
}

export function namesIn(path: string): readonly string[] {
  return [...path.matchAll(/\{([A-Za-z0-9]+)\}/g)].map(([, name = '']) => name);
}

export interface Matched {
  readonly operation: Operation;
  readonly values: PathValues;
}

/** The operation that a target leads to; fixed parts of a path go before names. */
export function operationAt(
  { operations }: Description,
  method: string,
  target: string,
): Matched | undefined {
  const parts = partsOf(target);
  if (parts === undefined) return undefined;
  const found = operations.flatMap((operation) => {
    const values = operation.method === method ? valuesAt(operation.path, parts) : undefined;
    return values === undefined ? [] : [{ operation, values }];
  });
  return found.toSorted((a, b) => Object.keys(a.values).length - Object.keys(b.values).length)[0];
}

/** Every operation at the path of a target, whatever its method. */
export function operationsAtPath({ operations }: Description, target: string): readonly Operation[] {
  const parts = partsOf(target);
  if (parts === undefined) return [];
  return operations.filter(({ path }) => valuesAt(path, parts) !== undefined);
}

/** Undefined where an escape is none. */
function partsOf(target: string): readonly string[] | undefined {
  try {
    // Absolute form (RFC 9112, section 3.2.2): the service answers for every host
    return target
      .replace(/[?#].*$/s, '')
      .replace(/^https?:\/\/[^/]*/i, '')
      .split('/')
      .map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function valuesAt(path: string, parts: readonly string[]): PathValues | undefined {
  const wanted = path.split('/');
  if (wanted.length !== parts.length) return undefined;
  const values: Record<string, string> = {};
  for (const [i, want] of wanted.entries()) {
    const part = parts[i] ?? '';
    const name = /^\{(.+)\}$/.exec(want)?.[1];
    if (name === undefined && want !== part) return undefined;
    if (name !== undefined) values[name] = part;
  }
  return values;
}
