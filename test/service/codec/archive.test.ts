import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { expect, it } from 'vitest';
import { expandArchive } from '../../../src/codec/archive/archive.ts';
import { isArchive } from '../../../src/codec/archive/magic.ts';
import { isNiiError } from '../../../src/core/errors.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import { hasPython } from '../../support/dicom-tools.ts';
import { sha256, stage, temporaryFolder } from '../../support/staging.ts';

const folder = temporaryFolder();
const text = (length: number, seed = 7) => Uint8Array.from({ length }, (_, i) => (i * i * seed + i) & 0xff);

/** Archives come from Python's zipfile and tarfile, not from the library that reads them. */
function byPython(script: string): Uint8Array {
  const dir = mkdtempSync(join(folder, 'py-'));
  execFileSync('/usr/bin/python3', ['-c', script], { cwd: dir });
  return new Uint8Array(readFileSync(join(dir, 'out')));
}

const pythonIsHere = hasPython();
/** Tests of archives that Python makes. */
const withPython = it.runIf(pythonIsHere);

/** Where Python is not here, the tests that would read the archive are left out. */
function onPython(script: string): Uint8Array {
  return pythonIsHere ? byPython(script) : new Uint8Array();
}

async function expand(bytes: Uint8Array, limits = {}) {
  const [staged] = stage(folder, [{ name: 'upload.zip', bytes }]);
  return expandArchive(staged!, join(mkdtempSync(join(folder, 'x-')), 'members'), {
    ...defaultLimits,
    ...limits,
  });
}

async function refused(bytes: Uint8Array, limits = {}): Promise<string> {
  try {
    await expand(bytes, limits);
  } catch (error) {
    return isNiiError(error) ? error.code : String(error);
  }
  return 'accepted';
}

async function tarOf(entries: readonly { header: object; body?: string }[]): Promise<Uint8Array> {
  const tar = pack();
  for (const { header, body } of entries) tar.entry(header as { name: string }, body ?? '');
  tar.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of tar) if (part instanceof Uint8Array) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

const goodZip = onPython(`
import zipfile
z = zipfile.ZipFile('out', 'w', zipfile.ZIP_DEFLATED)
z.writestr('a/one.bin', bytes(range(256)) * 20)
z.writestr('two.bin', b'two')
z.writestr('__MACOSX/a/._one.bin', b'litter')
z.writestr('empty/', b'')
z.close()`);

const goodTar = onPython(`
import tarfile, io
t = tarfile.open('out', 'w')
for name, body in (('a/one.bin', bytes(range(256)) * 20), ('./two.bin', b'two')):
    info = tarfile.TarInfo(name); info.size = len(body); t.addfile(info, io.BytesIO(body))
t.close()`);

withPython.each([
  ['ZIP', goodZip],
  ['TAR', goodTar],
])('members of a %s come out with their names, bytes and hashes, and litter stays in', async (_, archive) => {
  expect(isArchive(archive.slice(0, 4096))).toBe(true);
  const files = await expand(archive);
  const one = Uint8Array.from({ length: 5120 }, (_, i) => i & 0xff);
  expect(files.map(({ name, bytes, sha256 }) => [name, bytes, sha256])).toEqual([
    ['a/one.bin', 5120, sha256(one)],
    ['two.bin', 3, sha256(Buffer.from('two'))],
  ]);
  for (const file of files) expect(sha256(readFileSync(file.path))).toBe(file.sha256);
  expect(files[0]?.head).toEqual(one.slice(0, 4096));
});

withPython.each([
  ['ZIP', goodZip],
  ['TAR', goodTar],
])('every truncation of a good %s is refused by code or lacks no byte of a member', async (_, archive) => {
  for (let length = 512; length < archive.length; length += Math.max(1, archive.length >> 5)) {
    const outcome = await refused(archive.slice(0, length));
    expect(['NII_TRUNCATED', 'NII_MALFORMED', 'accepted']).toContain(outcome);
    if (outcome === 'accepted') expect(archive.slice(length).every((byte) => byte === 0)).toBe(true);
  }
});

withPython('a changed byte of stored content is caught by the checksum of the ZIP', async () => {
  const stored = byPython(`
import zipfile
z = zipfile.ZipFile('out', 'w', zipfile.ZIP_STORED)
z.writestr('one.bin', b'0123456789' * 10)
z.close()`);
  const changed = stored.slice();
  changed[60] = (changed[60] ?? 0) ^ 1;
  expect(await refused(changed)).toBe('NII_MALFORMED');
});

withPython('names that lead out of the archive are refused', async () => {
  for (const name of ['../evil', 'a/../../evil', '/etc/evil', 'C:/evil', 'a\\\\..\\\\..\\\\evil']) {
    const zip = byPython(`
import zipfile
z = zipfile.ZipFile('out', 'w')
z.writestr(zipfile.ZipInfo('${name}'), b'x')
z.close()`);
    expect([name, await refused(zip)]).toEqual([name, 'NII_MALFORMED']);
  }
  expect(await refused(await tarOf([{ header: { name: '../evil' }, body: 'x' }]))).toBe('NII_MALFORMED');
});

withPython('links and devices are refused', async () => {
  const link = byPython(`
import zipfile
z = zipfile.ZipFile('out', 'w')
i = zipfile.ZipInfo('link'); i.create_system = 3; i.external_attr = 0o120777 << 16
z.writestr(i, '/etc/passwd')
z.close()`);
  expect(await refused(link)).toBe('NII_UNSUPPORTED_VARIANT');
  for (const type of ['symlink', 'link', 'character-device', 'fifo']) {
    const tar = await tarOf([{ header: { name: 'x', type, linkname: '/etc/passwd', size: 0 } }]);
    expect([type, await refused(tar)]).toEqual([type, 'NII_UNSUPPORTED_VARIANT']);
  }
});

withPython('encrypted members are refused', async () => {
  const flagged = goodZip.slice();
  const view = new DataView(flagged.buffer);
  for (let at = 0; at + 4 < flagged.length; at++) {
    if (view.getUint32(at, true) === 0x04034b50)
      view.setUint16(at + 6, view.getUint16(at + 6, true) | 1, true);
    if (view.getUint32(at, true) === 0x02014b50)
      view.setUint16(at + 8, view.getUint16(at + 8, true) | 1, true);
  }
  expect(await refused(flagged)).toBe('NII_UNSUPPORTED_VARIANT');
});

withPython('an archive in an archive and an archive of nothing are refused', async () => {
  const dir = mkdtempSync(join(folder, 'n-'));
  writeFileSync(join(dir, 'in.zip'), goodZip);
  const nested = byPython(`
import zipfile
z = zipfile.ZipFile('out', 'w')
z.write('${join(dir, 'in.zip')}', 'in.zip')
z.close()`);
  expect(await refused(nested)).toBe('NII_LIMIT_DEPTH');
  expect(await refused(byPython(`import zipfile; zipfile.ZipFile('out', 'w').close()`))).toBe(
    'NII_MALFORMED',
  );
});

withPython('what comes out is counted, whatever the archive says of its sizes', async () => {
  const bomb = byPython(`
import zipfile
z = zipfile.ZipFile('out', 'w', zipfile.ZIP_DEFLATED)
z.writestr('zeros', bytes(8 << 20))
z.close()`);
  expect(await refused(bomb)).toBe('NII_LIMIT_EXPANSION');
  expect(await refused(bomb, { expansionRatio: 5000 })).toBe('accepted');
  expect(await refused(bomb, { expansionRatio: 5000, archiveBytes: 1 << 20 })).toBe('NII_LIMIT_EXPANSION');
  expect(await refused(goodZip, { uploadFiles: 1 })).toBe('NII_LIMIT_FILES');
  expect(await refused(goodTar, { uploadFiles: 1 })).toBe('NII_LIMIT_FILES');
  expect(await refused(goodTar, { archiveBytes: 5121 })).toBe('NII_LIMIT_EXPANSION');
  const understated = bomb.slice();
  const view = new DataView(understated.buffer);
  for (let at = 0; at + 4 < understated.length; at++) {
    if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 100, true);
  }
  expect(await refused(understated, { expansionRatio: 5000 })).toBe('NII_MALFORMED');
});

withPython('bytes changed at random in an archive end in files or a code', async () => {
  for (let i = 0; i < 150; i++) {
    const archive = (i % 2 === 0 ? goodZip : goodTar).slice();
    for (const step of [1, 2]) archive[(i * 7919 * step) % archive.length] = (i * 31 + step) & 0xff;
    expect(await refused(archive)).toMatch(/^(accepted|NII_[A-Z_]+)$/);
  }
});

it('plain files are no archives', () => {
  expect(isArchive(text(4096))).toBe(false);
  expect(isArchive(new Uint8Array())).toBe(false);
});
