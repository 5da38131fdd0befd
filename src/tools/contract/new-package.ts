import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sha256Hex } from '../../codec/sha256.ts';
import { NiiError } from '../../core/errors.ts';
import { exists } from '../../runtime/exists.ts';
import { manifestText, nodeGeneratorText, pythonGeneratorText, readmeText } from './new-package-template.ts';
import { readerManifestText, readerTestText, readerTextOf } from './reader-template.ts';

const run = promisify(execFile);

export const generators = ['node', 'python'] as const;
export type Generator = (typeof generators)[number];

export interface NewPackage {
  readonly generator: Generator;
  /** With a reader in code, and its test, in place of a layout. */
  readonly reader?: boolean;
}

/**
 * Writes a package to start from, green as it is: a layout without code or a reader, its README, a generator of
 * fixtures, and what it wrote. Answers its folder.
 * @throws NII_BAD_REQUEST for a name that is none, NII_CONFLICT where something of that name is
 */
export async function newPackage(
  name: string,
  dir: string,
  { generator, reader = false }: NewPackage,
): Promise<string> {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
    throw new NiiError(
      'NII_BAD_REQUEST',
      `Invalid name "${name}": use lower-case letters, digits and hyphens`,
    );
  }
  const folder = join(dir, name);
  if (await exists(folder)) {
    throw new NiiError('NII_CONFLICT', `${folder} already exists`);
  }
  const magic = magicOf(name).toString('hex');
  const script = generator === 'node' ? 'fixtures.mjs' : 'fixtures.py';
  const text = generator === 'node' ? nodeGeneratorText(magic) : pythonGeneratorText(magic);
  await makeFolder(folder);
  try {
    const files = reader ? readerFiles(name, magic) : { 'converter.json': manifestText(name, magic) };
    for (const [file, content] of Object.entries(files)) await writeFile(join(folder, file), content);
    await writeFile(join(folder, 'README.md'), readmeText(name));
    await writeFile(join(folder, script), text);
    await generate(folder, generator, script);
  } catch (error) {
    await rm(folder, { recursive: true, force: true }); // half a package would only stand in the way of the next try
    throw error;
  }
  return folder;
}

function readerFiles(name: string, magic: string): Readonly<Record<string, string>> {
  return {
    'converter.json': readerManifestText(name, magic),
    'reader.mjs': readerTextOf(name),
    'reader.test.mjs': readerTestText,
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new NiiError('NII_CONFLICT', {
      detail: `${folder} cannot be created; use another folder with --dir`,
      cause,
    });
  }
}

/** The first eight bytes of the files: two names that begin alike do not claim each other's. */
function magicOf(name: string): Buffer {
  const short = name.length <= 8 ? name : name.slice(0, 4) + sha256Hex(Buffer.from(name)).slice(0, 4);
  return Buffer.from(short.toUpperCase().padEnd(8, '.'), 'latin1'); // no name has a full stop
}

async function generate(folder: string, generator: Generator, script: string): Promise<void> {
  const program = generator === 'node' ? process.execPath : 'python3';
  try {
    await run(program, [script], { cwd: folder });
  } catch (cause) {
    throw new NiiError('NII_CONFIG', {
      detail: `${script} could not be run: install ${generator === 'node' ? 'Node' : 'python3'}`,
      cause,
    });
  }
}
