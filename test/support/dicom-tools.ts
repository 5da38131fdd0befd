import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Second implementations: DCMTK, GDCM, dicom3tools and pydicom, from the distribution's packages. */
const python = '/usr/bin/python3';

/** True when they are installed; a clear line where not, and a failure in a complete run. */
export function hasDicomTools(): boolean {
  const hasPrograms = ['dcmdump', 'gdcmconv', 'dciodvfy'].every((name) => hasProgram(name, '--version'));
  const what =
    'dcmtk, libgdcm-tools, dicom3tools, python3-pydicom, python3-gdcm, python3-numpy or python3-pil';
  return present(hasPrograms && imports('pydicom', 'gdcm', 'numpy', 'PIL'), what);
}

/** True when Debian's Python is there and imports these modules; a line or a failure where not, as for the tools. */
export function hasPython(...modules: readonly string[]): boolean {
  return present(imports(...modules), ['python3', ...modules].join(' or '));
}

/** True when all of them start; a line or a failure where not, as for the tools. */
export function hasPrograms(...names: readonly string[]): boolean {
  return present(
    names.every((name) => hasProgram(name, '--version')),
    names.join(' or '),
  );
}

/** Whether it starts; what it answers does not matter. */
export function hasProgram(name: string, ...args: readonly string[]): boolean {
  return spawnSync(name, args, { stdio: 'ignore' }).error === undefined;
}

function imports(...modules: readonly string[]): boolean {
  return spawnSync(python, ['-c', ['import sys', ...modules].join(', ')]).status === 0;
}

function present(isPresent: boolean, what: string): boolean {
  if (isPresent) return true;
  if (process.env.NII_TEST_COMPLETE) throw new Error(`${what} is not installed, which a complete run needs`);
  console.log(`left out: ${what} is not installed`);
  return false;
}

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'nii-dicos-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What dcmftest and dcmdump complain of, line by line. */
export function complaints(path: string): readonly string[] {
  const isPart10 = spawnSync('dcmftest', [path], { encoding: 'utf8' });
  const dump = spawnSync('dcmdump', ['+L', path], { encoding: 'utf8', maxBuffer: 1 << 30 });
  const lines = `${dump.stdout}\n${dump.stderr}`.split('\n').filter((line) => /^[EF]: /.test(line));
  return [
    ...(isPart10.status === 0 ? [] : [`dcmftest: ${isPart10.stdout}`]),
    ...(dump.status === 0 ? [] : [`dcmdump ended with ${dump.status}`]),
    ...lines,
  ];
}

const decompressors: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2.4.70': 'dcmdjpeg',
  '1.2.840.10008.1.2.4.80': 'dcmdjpls',
  '1.2.840.10008.1.2.5': 'dcmdrle',
};

/** The file decompressed by DCMTK, where it is compressed. */
export function decompressed(path: string, transferSyntax: string): string {
  const tool = decompressors[transferSyntax];
  if (tool === undefined) return path;
  execFileSync(tool, [path, `${path}.native`]);
  return `${path}.native`;
}

const script = `
import sys, hashlib, pydicom
for path in sys.argv[1:]:
    samples = pydicom.dcmread(path).pixel_array
    print(hashlib.sha256(samples.tobytes()).hexdigest())
`;

/** SHA-256 of the samples as pydicom and NumPy see them. */
export function pydicomSha256(paths: readonly string[]): readonly string[] {
  return execFileSync(python, ['-c', script, ...paths], { encoding: 'utf8' })
    .trim()
    .split('\n');
}
