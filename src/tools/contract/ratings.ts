import { channelKinds } from '../../core/scan/channel-kinds.ts';
import { completenesses } from '../../core/scan/completeness.ts';
import { type Channel, channelsOf, type NiiScan } from '../../core/scan/scan.ts';
import type { About, Basis } from '../../recognise/about.ts';
import type { ConverterManifest } from '../../recognise/manifest.ts';

/** As in Bio-Formats, from 1 to 5. */
export const gradeNames = ['', 'poor', 'fair', 'good', 'very good', 'outstanding'] as const;
export type Grade = 1 | 2 | 3 | 4 | 5;

export interface Ratings {
  /** Null for a format without images. */
  readonly pixels: Grade | null;
  readonly metadata: Grade;
  readonly openness: Grade;
  readonly presence: Grade;
  readonly utility: Grade | null;
}

/** What ratings are computed from: the manifest, the contract suite, and the records that the fixtures became. */
export interface Rated {
  readonly manifest: ConverterManifest;
  readonly holdsContract: boolean;
  readonly scans: readonly NiiScan[];
}

/** By the rules in docs/reference/formats.md; undefined for a manifest that does not say what its format rests on. */
export function ratingsOf(rated: Rated): Ratings | undefined {
  const { about } = rated.manifest;
  if (about === undefined) return undefined;
  const hasImages = about.facts.some(({ of }) => of === 'pixels');
  return {
    pixels: hasImages ? pixelsOf(rated, about) : null,
    metadata: metadataOf(rated, about),
    openness: opennessOf(about),
    presence: presenceOf(about),
    utility: hasImages ? utilityOf(rated.scans) : null,
  };
}

const firmness: Readonly<Record<Basis, Grade>> = {
  standard: 5,
  published: 4,
  checked: 4,
  stated: 3,
  derived: 2,
};

function basesOf({ facts }: About, of: readonly About['facts'][number]['of'][]): readonly Grade[] {
  return facts.filter((fact) => of.includes(fact.of)).map(({ basis }) => firmness[basis]);
}

/** The middle one of the grades, the lower of two; 1 where there is none. */
function median(grades: readonly Grade[]): Grade {
  return grades.toSorted((a, b) => a - b)[Math.floor((grades.length - 1) / 2)] ?? 1;
}

function least(...grades: readonly Grade[]): Grade {
  return grades.toSorted((a, b) => a - b)[0] ?? 1;
}

/** Whether the best of the records are pictures for people. */
function isPreviewAtBest(scans: readonly NiiScan[]): boolean {
  const facts = scans.map(({ completeness }) => completenesses[completeness]);
  return facts.toSorted((a, b) => b.rank - a.rank)[0]?.isPreview ?? false;
}

/** What the pixel facts rest on; poor where the contract is broken or nothing is read, fair where only pictures are. */
function pixelsOf({ holdsContract, scans }: Rated, about: About): Grade {
  if (!holdsContract || scans.every(({ views }) => views.length === 0)) return 1;
  const cap: Grade = isPreviewAtBest(scans) ? 2 : 5;
  return least(cap, median(basesOf(about, ['pixels'])));
}

/** Kinds of metadata that a record can hold, each once. */
const metadataKinds: readonly ((scan: NiiScan) => boolean)[] = [
  ({ units }) => units.some(({ containers }) => containers.length > 0),
  ({ acquired }) => acquired.utc !== undefined,
  ({ source }) => source.scannerId !== undefined || source.serial !== undefined,
  ({ source }) => source.manufacturer !== undefined || source.model !== undefined,
  ({ source }) => source.site !== undefined || source.lane !== undefined,
  ({ units }) => units.some((unit) => unit.plates.length + unit.declarations.length + unit.seals.length > 0),
  ({ units }) => units.some(({ description }) => description !== undefined),
  (scan) => (scan.history ?? []).length + (scan.reports ?? []).length > 0,
  (scan) => someChannel(scan, ({ pitch }) => pitch !== undefined),
  (scan) => someChannel(scan, ({ energy, openBeam }) => energy !== undefined || openBeam !== undefined),
];

function someChannel(scan: NiiScan, test: (channel: Channel) => boolean): boolean {
  return channelsOf(scan).some(({ channel }) => test(channel));
}

/** Two kinds a grade, and no more than what the metadata facts rest on. */
function metadataOf({ scans }: Rated, about: About): Grade {
  const kinds = metadataKinds.filter((kind) => scans.some(kind)).length;
  const byKinds = gradeOf(Math.ceil(kinds / 2));
  const bases = basesOf(about, ['metadata']);
  return bases.length === 0 ? byKinds : least(byKinds, median(bases));
}

function gradeOf(points: number): Grade {
  const grades: readonly Grade[] = [1, 2, 3, 4, 5];
  return grades[Math.min(5, Math.max(1, points)) - 1] ?? 1;
}

/** Outstanding: a standard says most of it; very good: its maker; then by what we had to find out ourselves. */
function opennessOf(about: About): Grade {
  const share = (...bases: readonly Basis[]) =>
    about.facts.filter(({ basis }) => bases.includes(basis)).length / about.facts.length;
  if (share('standard') >= 0.5) return 5;
  if (share('standard', 'published') >= 0.5) return 4;
  if (share('standard', 'published', 'checked') >= 0.5) return 3;
  return share('derived') > 0.5 ? 1 : 2;
}

function presenceOf({ writers, realFiles }: About): Grade {
  if (writers === 'many') return realFiles ? 5 : 4;
  if (writers === 'one') return realFiles ? 3 : 2;
  return 1;
}

/** A point each for both energies, for material, for more than 8 bits, for pitch, for container and time. */
function utilityOf(scans: readonly NiiScan[]): Grade {
  const points = [
    scans.some(({ completeness }) => completenesses[completeness].hasBothEnergies),
    scans.some((scan) => someChannel(scan, ({ kind }) => channelKinds[kind].adds === 'material')),
    scans.some((scan) =>
      someChannel(scan, ({ kind, bitsStored }) => !channelKinds[kind].isRendered && bitsStored > 8),
    ),
    scans.some((scan) => someChannel(scan, ({ pitch }) => pitch !== undefined)),
    scans.some(
      ({ units, acquired }) =>
        acquired.utc !== undefined && units.some(({ containers }) => containers.length > 0),
    ),
  ];
  return gradeOf(points.filter((point) => point).length);
}
