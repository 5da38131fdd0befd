import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reportPage } from './page.ts';
import type { EvaluationReport } from './schema.ts';

/** Writes report.json and report.html into a folder that is there; a file that has its name is whole. */
export async function writeReport(folder: string, report: EvaluationReport): Promise<readonly string[]> {
  const files = [
    { name: 'report.json', text: `${JSON.stringify(report, null, 2)}\n` },
    { name: 'report.html', text: reportPage(report) },
  ];
  for (const { name, text } of files) {
    const path = join(folder, name);
    await writeFile(`${path}.partial`, text);
    await rename(`${path}.partial`, path);
  }
  return files.map(({ name }) => join(folder, name));
}
