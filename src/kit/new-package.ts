import { execFile } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NiiError } from '../core/errors.ts';
import { manifestText, nodeGeneratorText, pythonGeneratorText, readmeText } from './new-package-template.ts';

const run = promisify(execFile);

export const generators = ['node', 'python'] as const;
export type Generator = (typeof generators)[number];

/**
 * Writes a package to start from, green as it is: a layout without code, its README, a generator of fixtures, and what
 * it wrote. Answers its folder.
 * @throws NII_BAD_REQUEST for a name that is none, NII_CONFLICT where something of that name is
 */
export async function newPackage(name: string, dir: string, generator: Generator): Promise<string> {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
    throw new NiiError('NII_BAD_REQUEST', `${name}: a name is lower-case letters, digits and hyphens`);
  }
  const folder = join(dir, name);
  if ((await stat(folder).catch(() => undefined)) !== undefined) {
    throw new NiiError('NII_CONFLICT', `${folder} is there already`);
  }
  const magic = Buffer.from(name.toUpperCase().padEnd(8, '-').slice(0, 8), 'latin1').toString('hex');
  const script = generator === 'node' ? 'fixtures.mjs' : 'fixtures.py';
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'converter.json'), manifestText(name, magic));
  await writeFile(join(folder, 'README.md'), readmeText(name));
  const text = generator === 'node' ? nodeGeneratorText(magic) : pythonGeneratorText(magic);
  await writeFile(join(folder, script), text);
  await generate(folder, generator, script);
  return folder;
}

async function generate(folder: string, generator: Generator, script: string): Promise<void> {
  const program = generator === 'node' ? process.execPath : 'python3';
  try {
    await run(program, [script], { cwd: folder });
  } catch (cause) {
    throw new NiiError('NII_CONFIG', {
      detail: `${script} could not be run; is ${generator === 'node' ? 'Node' : 'python3'} there?`,
      cause,
    });
  }
}
