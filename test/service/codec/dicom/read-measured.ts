import { readFileSync } from 'node:fs';
import { dicomHeadOf } from '../../../../src/codec/dicom/read/head.ts';
import { readDicom } from '../../../../src/codec/dicom/read/read.ts';
import { defaultLimits } from '../../../../src/core/limits.ts';

/** `PATH readDicom|dicomHeadOf`: prints how the file was rejected, MiB by which this process grew, and its milliseconds. */
const [path = '', how] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(path));
const before = process.resourceUsage().maxRSS;
const begun = process.cpuUsage();
let code = 'read';
try {
  await (how === 'readDicom' ? readDicom : dicomHeadOf)(bytes, 'bomb', defaultLimits);
} catch (error) {
  code = (error as { readonly code?: string }).code ?? String(error);
}
const { user, system } = process.cpuUsage(begun);
const grown = Math.round((process.resourceUsage().maxRSS - before) / 1024);
console.log(JSON.stringify({ code, grown, ms: Math.round((user + system) / 1000) }));
