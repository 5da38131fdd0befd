/**
 * The archive for machines without internet: an outer TAR of a few files, one of which holds the whole program.
 *
 *   SHA256SUMS       hashes of the files below, as sha256sum(1) reads them
 *   SHA256SUMS.sig   its Ed25519 signature: 64 bytes, as openssl(1) reads them
 *   bundle.json      name, version, platform, commit
 *   FILES.sha256     hashes of all files of the program, for a check of what is installed
 *   sbom.cdx.json    CycloneDX: what is in it
 *   install.mjs      installs, upgrades, rolls back
 *   payload.tar.gz   the program
 *
 * Made from the same commit, platform and key it is the same, byte for byte.
 */
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import tar from 'tar-stream';

/** The key of whoever makes the archive. @throws naming what the file is instead */
export function readSigningKey(file) {
  const key = createPrivateKey(readFileSync(file));
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`Invalid key "${file}" (${key.asymmetricKeyType}): use an Ed25519 key in PEM form`);
  return key;
}

export function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

async function sha256OfFile(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

/** Lines as sha256sum(1) writes and reads them. */
function sumsOf(hashes) {
  return hashes.map(([name, hash]) => `${hash}  ${name}\n`).join('');
}

/** Of a user whom every machine has, at the time of the commit: nothing of the machine that made it. */
function header(name, mtime, more) {
  return { name, mtime, uid: 0, gid: 0, uname: 'root', gname: 'root', mode: 0o644, ...more };
}

function add(pack, entry, bytes) {
  return new Promise((resolve, reject) => {
    pack.entry(entry, bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/** The program as one compressed TAR. @returns the hashes of its files */
async function writePayload(file, entries, { mtime, level }) {
  const pack = tar.pack();
  const written = pipeline(pack, createGzip({ level }), createWriteStream(file));
  const hashes = [];
  const folders = new Set();
  for (const entry of entries) {
    for (const folder of foldersAbove(entry.name))
      if (!folders.has(folder)) {
        folders.add(folder);
        await add(pack, header(folder, mtime, { type: 'directory', mode: 0o755 }));
      }
    if (entry.link !== undefined)
      await add(pack, header(entry.name, mtime, { type: 'symlink', linkname: entry.link }));
    else {
      const bytes = entry.bytes ?? readFileSync(entry.file);
      hashes.push([entry.name, sha256(bytes)]);
      await add(pack, header(entry.name, mtime, { mode: entry.executable ? 0o755 : 0o644 }), bytes);
    }
  }
  pack.finalize();
  await written;
  return hashes;
}

function foldersAbove(name) {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, i) => `${parts.slice(0, i + 1).join('/')}/`);
}

async function addFile(pack, entry, file) {
  const sink = pack.entry({ ...entry, size: statSync(file).size });
  const done = once(sink, 'finish');
  await pipeline(createReadStream(file), sink);
  await done.catch(() => undefined);
}

/**
 * Writes the archive. @param made - what is in it: entries of the program, description, sbom, installer
 * @param place - folder, a file for the payload on its way, key, time and level
 * @returns its path
 */
export async function writeArchive(made, { folder, payload, key, mtime, level }) {
  const { name, version, platform } = made.description;
  const title = `${name}-${version}-${platform}`;
  const hashes = await writePayload(payload, made.entries, { mtime, level });
  const small = [
    ['bundle.json', Buffer.from(`${JSON.stringify(made.description, null, 2)}\n`)],
    ['FILES.sha256', Buffer.from(sumsOf(hashes))],
    ['sbom.cdx.json', made.sbom],
    ['install.mjs', made.installer],
  ];
  const sums = Buffer.from(
    sumsOf([
      ...small.map(([member, bytes]) => [member, sha256(bytes)]),
      ['payload.tar.gz', await sha256OfFile(payload)],
    ]),
  );
  const archive = path.join(folder, `${title}.tar`);
  const pack = tar.pack();
  const written = pipeline(pack, createWriteStream(archive));
  await add(pack, header(`${title}/`, mtime, { type: 'directory', mode: 0o755 }));
  const signed = [['SHA256SUMS', sums], ['SHA256SUMS.sig', sign(null, sums, key)], ...small];
  for (const [member, bytes] of signed) await add(pack, header(`${title}/${member}`, mtime), bytes);
  await addFile(pack, header(`${title}/payload.tar.gz`, mtime), payload);
  pack.finalize();
  await written;
  return archive;
}
