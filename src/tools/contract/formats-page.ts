import { channelsOf, type NiiScan } from '../../core/scan/scan.ts';
import type { About } from '../../recognise/about.ts';
import type { ConverterManifest, Rule } from '../../recognise/manifest.ts';
import { type Grade, gradeNames, type Ratings } from './ratings.ts';

/** The facts that the page shows for one format. */
export interface FormatEntry {
  readonly manifest: ConverterManifest;
  readonly ratings: Ratings | undefined;
  /** The scans that the fixtures give. */
  readonly scans: readonly NiiScan[];
}

/** The place in the template that the formats take. */
const PLACE = '<!-- formats -->';

/** The page: the texts of the template, and in their place a table and a section for each format. */
export function formatsPage(template: string, entries: readonly FormatEntry[]): string {
  return template.replace(PLACE, `${tableOf(entries)}\n\n${entries.map(sectionOf).join('\n\n')}`);
}

function tableOf(entries: readonly FormatEntry[]): string {
  const rows = entries.map(({ manifest: { id }, ratings }) => {
    const grades = ratings === undefined ? ['', '', '', '', ''] : gradesOf(ratings);
    return `| [${id}](#${id}) | ${grades.join(' | ')} |`;
  });
  return [
    '| format | pixels | metadata | openness | presence | utility |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function gradesOf({ pixels, metadata, openness, presence, utility }: Ratings): readonly string[] {
  return [pixels, metadata, openness, presence, utility].map(gradeText);
}

function gradeText(grade: Grade | null): string {
  return grade === null ? 'no image' : `${grade} ${gradeNames[grade]}`;
}

function sectionOf({ manifest, scans }: FormatEntry): string {
  const { id, title, about, recognise, layout } = manifest;
  const completeness = [...new Set(scans.map((scan) => scan.completeness))];
  const lines = [
    `- **Files:** ${about?.files ?? 'see its README'}`,
    `- **Recognised by:** ${recognise.map(ruleText).join('; or ')}`,
    `- **Channels:** ${channelsText(scans)}`,
    `- **Fixture completeness:** ${completeness.length === 0 ? 'none' : completeness.join(', ')}`,
    ...(about === undefined ? [] : [`- **Facts by basis:** ${basesText(about)}`]),
    `- **Read by:** ${layout === undefined ? 'code' : `a declared layout (\`${layout.kind}\`)`}${manifest.fallback === true ? '; only if the file belongs to no other scan' : ''}`,
    ...(about === undefined ? [] : [`- **Available:** ${about.have.join('; ')}`]),
    ...(about === undefined || about.want.length === 0 ? [] : [`- **Needed:** ${about.want.join('; ')}`]),
  ];
  return [`### ${id}`, '', `${title}. [Facts](../../converters/${id}/README.md)`, '', ...lines].join('\n');
}

function basesText({ facts, realFiles }: About): string {
  const counts = new Map<string, number>();
  for (const { basis } of facts) counts.set(basis, (counts.get(basis) ?? 0) + 1);
  const parts = [...counts].map(([basis, count]) => `${count} ${basis}`);
  return `${parts.join(', ')}; ${realFiles ? 'tested with real files' : 'not tested with real files'}`;
}

function channelsText(scans: readonly NiiScan[]): string {
  const texts = scans.flatMap((scan) =>
    channelsOf(scan).map(({ channel: { id, kind, energy, bitsAllocated, sampleFormat } }) => {
      const what = energy === undefined ? kind : `${kind} ${energy}`;
      return `${id} (${what}, ${bitsAllocated} bits${sampleFormat === 'unsigned' ? '' : ` ${sampleFormat}`})`;
    }),
  );
  const distinct = [...new Set(texts)].toSorted((a, b) => (a < b ? -1 : 1));
  return distinct.length === 0 ? 'none' : distinct.join(', ');
}

function ruleText({ all, of, atLeast }: Rule): string {
  const must = [...new Set(all.map(testText))];
  const votes =
    of === undefined || atLeast === undefined ? [] : [`at least ${atLeast} of ${of.length} constants`];
  return [...must, ...votes].join(' and ');
}

function testText(test: Rule['all'][number]): string {
  if ('bytes' in test) return `bytes \`${test.bytes}\`${test.at === undefined ? '' : ` at ${test.at}`}`;
  if ('number' in test) return 'header values within their range';
  if ('xmlRoot' in test) return `XML root ${test.xmlRoot.map((name) => `\`${name}\``).join(' or ')}`;
  if ('xmlElement' in test) return `the elements ${test.xmlElement.map((name) => `\`${name}\``).join(', ')}`;
  if ('jsonKey' in test) return `the JSON key \`${test.jsonKey}\``;
  if ('npy' in test) return 'the first bytes of a NumPy array';
  if ('lines' in test) return 'lines of text in this format';
  return 'the first elements of a DICOM data set';
}
