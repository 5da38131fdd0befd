import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Value from 'typebox/value';
import { sha256Hex } from '../../codec/sha256.ts';
import { NiiError } from '../../core/errors.ts';
import type { NamedBytes } from '../contract/fixtures.ts';
import { filesBelow, readTogether, type Wanted } from './bounded-files.ts';
import { Kit, type KitCase } from './schema.ts';

export const KIT_FILE = 'kit.json';

/** A kit with the SHA-256 of its `kit.json`. */
export interface ReadKit {
  readonly kit: Kit;
  readonly hash: string;
}

/** @throws NII_NOT_FOUND where there is no kit, NII_MALFORMED for a document that is none */
export async function readKit(dir: string): Promise<ReadKit> {
  const bytes = await readFile(join(dir, KIT_FILE)).catch((cause: unknown) => {
    throw new NiiError('NII_NOT_FOUND', {
      detail: `${dir} does not contain a kit; create one with nii kit make DIR`,
      cause,
    });
  });
  return { kit: kitOf(parsed(bytes), KIT_FILE), hash: sha256Hex(bytes) };
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new NiiError('NII_MALFORMED', { detail: `${KIT_FILE} is not JSON`, cause });
  }
}

/** @throws NII_MALFORMED naming the first thing that is wrong */
export function kitOf(value: unknown, where: string): Kit {
  if (!Value.Check(Kit, value)) {
    const [first] = Value.Errors(Kit, value);
    throw new NiiError('NII_MALFORMED', `${where}: ${first?.instancePath ?? ''} ${first?.message ?? ''}`);
  }
  const ids = new Set<string>();
  for (const { id } of value.cases) {
    if (ids.has(id)) throw new NiiError('NII_MALFORMED', `${where}: two cases have the id ${id}`);
    ids.add(id);
  }
  return value;
}

const own: Wanted = { takes: () => true, followsLinks: false };

/** The files of a case as the kit has them. @throws NII_CORRUPT where one of them is another now */
export async function filesOfCase(dir: string, { id, files }: KitCase): Promise<readonly NamedBytes[]> {
  const found = (await filesBelow(join(dir, 'cases', id), own)).filter(({ name }) =>
    files.some((file) => file.name === name),
  );
  for (const { name, bytes } of files) {
    if (found.find((file) => file.name === name)?.bytes !== bytes) throw changed(id, name);
  }
  const read = await readTogether(found);
  for (const { name, bytes } of read) {
    if (sha256Hex(bytes) !== files.find((file) => file.name === name)?.sha256) throw changed(id, name);
  }
  return read;
}

function changed(id: string, name: string): NiiError {
  return new NiiError('NII_CORRUPT', `${id}/${name} has changed since the kit was created`);
}

/** What another system put into the folder of a case; none where there is no such folder. */
export async function filesOfExport(exported: string, caseId: string): Promise<readonly NamedBytes[]> {
  return readTogether(await filesBelow(join(exported, caseId), { takes: () => true, followsLinks: false }));
}
