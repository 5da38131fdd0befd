import { join } from 'node:path';
import { defined } from '../../core/defined.ts';
import { type MaskedClass, maskedClasses } from '../../core/disclosure/field-class.ts';
import { maskRecord } from '../../core/disclosure/mask.ts';
import { isNiiError, problemOf } from '../../core/errors.ts';
import { convertLocal, type LocalRejection, type LocalScan } from '../../local/local.ts';
import {
  isDicomFormat,
  outputFormats,
  type SyntaxName,
  syntaxNames,
  type WrittenFile,
  writeLocal,
} from '../../local/output.ts';
import { type Command, exitCode, oneOf, requiredText, textOf, type Values, WrongUse } from '../command.ts';
import { json, table } from '../text.ts';
import { complain, shown } from './info.ts';

export const convert: Command = {
  name: 'convert',
  summary: 'convert local files, without a service',
  operands: 'FILE…',
  options: {
    out: { type: 'string', short: 'o', help: '<DIR> output folder; created if it does not exist' },
    format: { type: 'string', short: 'f', help: `<FORMAT> one of ${outputFormats.join(', ')}` },
    syntax: { type: 'string', help: `<NAME> for the DICOM formats: one of ${syntaxNames.join(', ')}` },
    without: {
      type: 'string',
      help: `<CLASSES> omit fields of these classes, separated by commas: ${maskedClasses.join(', ')}`,
    },
  },
  notes: [
    'dicos               <view>-<channel>.dcs: DICOS DX for processing, lossless, and scan.json',
    'dicos-presentation  the same samples as DICOS DX for presentation, with the preview window, and scan.json',
    'medical-dx          <view>-<channel>.dcm: medical Digital X-Ray, or Secondary Capture if that cannot hold the samples',
    'tiff                <view>-<channel>.tif: 8 or 16 bits, tiled and pyramidal; the first page is exact',
    'png                 <view>-<channel>.png with the stored samples, 8 or 16 bits, not rotated or adjusted',
    'npy                 <view>-<channel>.npy: a NumPy array, little-endian',
    'raw                 <view>-<channel>.raw: the decompressed samples, little-endian, without padding or any other change',
    'json                scan.json, the record according to schemas/scan-1.2.json',
    'original            the original files',
    '',
    '--without omits fields of these classes (docs/reference/record.md) from scan.json and DICOM files. It does not',
    'change samples, so text in an image is not masked.',
    '',
    'DICOM files use JPEG Lossless unless --syntax selects a different syntax. Every syntax is lossless.',
    '',
    'If there are several scans, each gets its own subfolder, named after its file group. Output files get their final names when they are complete.',
    'Exit code 3: a file was rejected. Exit code 4: a scan has no content for this format.',
  ],
  async run(context, values, operands) {
    if (operands.length === 0) throw new WrongUse('Missing operand: specify one or more files or folders');
    const out = requiredText(values, 'out');
    const format = oneOf(requiredText(values, 'format'), outputFormats, 'format');
    const syntax = syntaxOf(values, format);
    const without = classesOf(values, format);
    const tools = await context.tools();
    const request = { format, limits: tools.limits, ...defined({ syntax }) };
    const scans: Written[] = [];
    const rejected: LocalRejection[] = [];
    const write = async (scan: LocalScan, folder: string) => {
      try {
        const dir = join(out, folder);
        const files = await writeLocal(maskedScan(scan, without), dir, request);
        scans.push({ dir, converter: scan.group.converter.id, originals: namesOf(scan), files });
      } catch (error) {
        if (!isNiiError(error)) throw error;
        rejected.push({ kind: 'rejected', files: namesOf(scan), problem: problemOf(error) });
      }
    };
    await eachInItsFolder(convertLocal(tools, operands), write, (one) => rejected.push(one));
    context.terminal.out(
      values.json === true ? json({ scans, refused: rejected.map(shown) }) : report(scans),
    );
    complain(context, rejected);
    const empty = scans.filter(({ files }) => files.length === 0);
    for (const { originals } of empty) context.terminal.err(nothingToWrite(originals, format));
    if (rejected.length > 0) return exitCode.rejected;
    return empty.length === 0 ? exitCode.done : exitCode.unclean;
  },
};

/** @throws WrongUse for a name that is none, or beside a format that has no transfer syntax */
function syntaxOf(values: Values, format: string): SyntaxName | undefined {
  const asked = textOf(values, 'syntax');
  if (asked === undefined) return undefined;
  const syntax = oneOf(asked, syntaxNames, 'syntax');
  if (isDicomFormat(format)) return syntax;
  throw new WrongUse(
    `--syntax cannot be used with --format ${format}: use it with dicos, dicos-presentation or medical-dx`,
  );
}

function classesOf(values: Values, format: string): readonly MaskedClass[] {
  const asked = textOf(values, 'without');
  if (asked === undefined) return [];
  if (format === 'original')
    throw new WrongUse(
      '--without cannot be used with --format original, because original files are not changed',
    );
  return asked.split(',').map((one) => oneOf(one.trim(), maskedClasses, 'without'));
}

function maskedScan(scan: LocalScan, without: readonly MaskedClass[]): LocalScan {
  const { result } = scan;
  return { ...scan, result: { ...result, scan: maskRecord(result.scan, without) } };
}

interface Written {
  readonly dir: string;
  readonly converter: string;
  readonly originals: readonly string[];
  readonly files: readonly WrittenFile[];
}

function namesOf({ group }: LocalScan): readonly string[] {
  return group.files.map(({ name }) => name);
}

/** The only scan goes into the folder itself; of several each has its own. So the first one waits for a second. */
async function eachInItsFolder(
  outcomes: ReturnType<typeof convertLocal>,
  write: (scan: LocalScan, folder: string) => Promise<void>,
  reject: (rejection: LocalRejection) => void,
): Promise<void> {
  const taken = new Set<string>();
  const inItsOwn = (scan: LocalScan) => write(scan, folderName(scan, taken));
  let first: LocalScan | undefined;
  let count = 0;
  for await (const outcome of outcomes) {
    if (outcome.kind === 'rejected') {
      reject(outcome);
      continue;
    }
    count += 1;
    if (count === 1) {
      first = outcome;
      continue;
    }
    if (first !== undefined) await inItsOwn(first);
    first = undefined;
    await inItsOwn(outcome);
  }
  if (first !== undefined) await write(first, '.');
}

/** The group key with what a file name may not hold replaced; two of one name are told apart by a number. */
function folderName({ group }: LocalScan, taken: Set<string>): string {
  const plain = group.groupKey.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^\.+/, '_');
  const base = plain === '' ? 'scan' : plain.slice(0, 100);
  let name = base;
  for (let i = 2; taken.has(name); i += 1) name = `${base}-${i}`;
  taken.add(name);
  return name;
}

function nothingToWrite(originals: readonly string[], format: string): string {
  return `${originals.join(', ')}: nothing to write as ${format}, because the scan has no image; nii info shows its content\n`;
}

function report(scans: readonly Written[]): string {
  const rows = scans.flatMap(({ dir, files }) => files.map((file) => row(dir, file)));
  if (rows.length === 0) return '';
  return table(['file', 'rows', 'columns', 'bits', 'bytes', 'SHA-256'], rows);
}

function row(dir: string, { name, bytes, sha256, samples }: WrittenFile): readonly string[] {
  const measures =
    samples === undefined
      ? ['', '', '']
      : [String(samples.rows), String(samples.columns), String(samples.bits)];
  return [join(dir, name), ...measures, String(bytes), sha256];
}
