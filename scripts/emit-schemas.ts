/**
 * `npm run schemas`: writes every published schema into schemas/, the contract that other administrations read, and
 * docs/reference/record.md and docs/reference/operations-safety.md, which list the fields of the record and the safety
 * classes of operations.
 * `--check` writes nothing and fails when a file there is missing, stale or no longer has a source.
 *
 * A schema is published by having an `$id` below https://nii-hub.org/schemas/ and being exported. The description of the
 * HTTP interface is written beside them, for those who generate a client without a running service, and its types for
 * TypeScript, which the page is compiled against.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { recordFields } from '../src/core/disclosure/field-list.ts';
import type { Route } from '../src/http/route.ts';
import { routes } from '../src/http/routes/index.ts';
import { recordPage } from '../src/tools/record-page.ts';
import { openapiDocument } from './openapi-document.ts';
import { safetyPage } from './safety-page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = path.join(root, 'schemas');
const home = 'https://nii-hub.org/schemas/';
const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** The modules that write such an `$id`; no other is loaded. */
function publishingModules(): string[] {
  return readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => path.join(root, 'src', name))
    .filter((file) => readFileSync(file, 'utf8').includes(`'${home}`))
    .toSorted((a, b) => a.localeCompare(b));
}

function idOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('$id' in value)) return undefined;
  return typeof value.$id === 'string' && value.$id.startsWith(home) ? value.$id : undefined;
}

function render(id: string, schema: unknown): string {
  const body: object = JSON.parse(JSON.stringify(schema));
  return `${JSON.stringify({ $schema: dialect, $id: id, ...body }, null, 2)}\n`;
}

/** File name to text. Two different schemas under one `$id` are rejected. */
async function published(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const file of publishingModules()) {
    const exported: Record<string, unknown> = await import(pathToFileURL(file).href);
    for (const schema of Object.values(exported)) {
      const id = idOf(schema);
      if (id === undefined) continue;
      const name = id.slice(home.length);
      const text = render(id, schema);
      if (!/^[a-z0-9.-]+\.json$/.test(name)) throw new Error(`${id} does not end in a plain file name`);
      if ((texts.get(name) ?? text) !== text) throw new Error(`two schemas are called ${id}`);
      texts.set(name, text);
    }
  }
  return texts;
}

function present(): string[] {
  return existsSync(target) ? readdirSync(target).filter((name) => /\.(json|d\.ts)$/.test(name)) : [];
}

function differences(texts: ReadonlyMap<string, string>): string[] {
  const stale = [...texts].filter(([name, text]) => {
    const file = path.join(target, name);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  const surplus = present().filter((name) => !texts.has(name));
  return [
    ...stale.map(([name]) => `schemas/${name} is not what the source says`),
    ...surplus.map((name) => `schemas/${name} has no source`),
  ];
}

function write(texts: ReadonlyMap<string, string>): void {
  mkdirSync(target, { recursive: true });
  for (const name of present()) if (!texts.has(name)) rmSync(path.join(target, name));
  for (const [name, text] of texts) writeFileSync(path.join(target, name), text);
}

/** Pages that are written from the source, by their path in the repository. */
const stated: readonly Route[] = routes;
const pages = new Map([
  ['docs/reference/record.md', recordPage(recordFields())],
  ['docs/reference/operations-safety.md', safetyPage(stated)],
]);

function isCurrent([name, page]: readonly [string, string]): boolean {
  const file = path.join(root, name);
  return existsSync(file) && readFileSync(file, 'utf8') === page;
}

const texts = await published();
const description = JSON.stringify(await openapiDocument(), null, 2);
texts.set('openapi.json', `${description}\n`);
texts.set('openapi.d.ts', COMMENT_HEADER + astToString(await openapiTS(description, { silent: true })));
if (process.argv.includes('--check')) {
  const found = [
    ...differences(texts),
    ...[...pages].filter((one) => !isCurrent(one)).map(([name]) => `${name} is not what the source says`),
  ];
  for (const line of found) console.error(line);
  if (found.length > 0) console.error('run `npm run schemas` and commit what it writes');
  process.exitCode = found.length === 0 && texts.size > 0 ? 0 : 1;
} else {
  write(texts);
  for (const [name, page] of pages) writeFileSync(path.join(root, name), page);
  console.log(`${texts.size} files in schemas/`);
}
