import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NiiError } from '../core/errors.ts';
import {
  type CodeKind,
  type CodeLists,
  codeFacts,
  codeKinds,
  isCode,
  normaliseCode,
} from '../core/trade/codes.ts';

/** More codes than any list has: UN/LOCODE has some 120,000. */
const CODES_CEILING = 2_000_000;

/**
 * The lists of codes of an administration: files named after a kind, as locode.txt or hs.csv, a code in the first column
 * of each line. Lines that begin with # and empty ones say nothing.
 * @throws NII_CONFIG naming a file of another name, or the first line that holds no code of its kind
 */
export async function loadCodeLists(folder: string | undefined): Promise<CodeLists> {
  if (folder === undefined) return new Map();
  const names = (await namesIn(folder)).filter((name) => !name.startsWith('.'));
  const lists = names.map(async (name) => {
    const kind = kindOf(name);
    return [kind, codesOf(kind, await readFile(join(folder, name), 'utf8'), name)] as const;
  });
  return new Map(await Promise.all(lists));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (cause) {
    throw new NiiError('NII_CONFIG', { detail: `NII_CODES_DIR: ${folder} cannot be read`, cause });
  }
}

function kindOf(name: string): CodeKind {
  const stem = name.replace(/\.(txt|csv)$/, '');
  const kind = codeKinds.find((known) => known === stem);
  if (kind !== undefined && stem !== name) return kind;
  const allowed = `use ${codeKinds.join(', ')}, each with .txt or .csv`;
  throw new NiiError('NII_CONFIG', `NII_CODES_DIR: invalid name "${name}": ${allowed}`);
}

function codesOf(kind: CodeKind, text: string, name: string): ReadonlySet<string> {
  const codes = new Set<string>();
  for (const [i, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const [first = ''] = line.split(/[,;\t]/);
    const written = first.replaceAll('"', '').trim();
    if (written === '' || written.startsWith('#')) continue;
    const code = normaliseCode(kind, written);
    const place = `NII_CODES_DIR: ${name}, line ${i + 1}`;
    if (!isCode(kind, code))
      throw new NiiError(
        'NII_CONFIG',
        `${place}: invalid code "${written.slice(0, 64)}": expected ${codeFacts[kind].form}`,
      );
    if (codes.add(code).size > CODES_CEILING)
      throw new NiiError('NII_CONFIG', `${place}: more than ${CODES_CEILING} codes`);
  }
  return codes;
}
