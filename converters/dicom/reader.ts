import type {
  Completeness,
  Converted,
  ConvertedAttachment,
  ConvertedView,
  ConverterFile,
  DataSet,
  DicomFile,
  InspectionUnit,
  Sdk,
} from '../../src/sdk/sdk.ts';
import { Failures } from './failures.ts';
import { acquiredOf, purposeOf, sourceOf, unitsOf } from './header.ts';
import type { Image } from './image.ts';
import { decodeAll } from './images.ts';
import { isReport, reportOf } from './report.ts';
import { addSuffix, joinSections } from './sections.ts';
import { joinSlices } from './slices.ts';
import { type DicomSdk, withDicom } from './tools.ts';
import { inStoredSamples } from './turned-regions.ts';
import { vendorOf } from './vendor.ts';

const CHANNELS_CEILING = 64;
const VIEWS_CEILING = 16;
const REPORTS_CEILING = 256;

/**
 * One file a channel, slices of one volume one channel together; those of the same view lie together. Reports become
 * reports of the scan; a scan of nothing but them has no view.
 */
export async function read(files: readonly ConverterFile[], plain: Sdk): Promise<Converted> {
  const sdk = await withDicom(plain);
  const failures = new Failures(sdk);
  const readable = files.flatMap((file) => failures.guard(file, () => sdk.dicom.read(file)) ?? []);
  const parsed = inOrder(readable, sdk);
  warnOfQuirks(parsed, sdk);
  warnOfRepeatedInstances(parsed, sdk);
  const { images: decoded, undecoded } = await decodeAll(
    parsed.filter(({ hasPixels }) => hasPixels),
    failures,
    sdk,
  );
  if (decoded.length === 0 && undecoded.length === 0) failures.throwFirst();
  failures.warn();
  const images = distinct(joinSlices(joinSections(decoded, sdk), sdk));
  if (images.some(({ channel }) => channel.pitch === undefined)) sdk.warn('NII_W_PITCH_UNKNOWN');
  const reports = inStoredSamples(reportsOf(parsed, sdk), decoded, sdk);
  const dataSet = describing(images, parsed);
  const views = viewsOf(images, sdk);
  return {
    source: sourceOf(dataSet, sdk),
    acquired: acquiredOf(dataSet, sdk),
    purpose: purposeOf(dataSet, sdk),
    units: unitsOf(dataSet, sdk),
    views,
    planes: new Map(images.map(({ view, channel, samples }) => [sdk.planeKey(view.id, channel.id), samples])),
    ...ownFacts(images, views),
    ...completenessOf(parsed, [...undecoded, ...failures.names()], sdk),
    attachments: [
      ...parsed
        .filter(({ name }) => !failures.names().includes(name))
        .flatMap((file) => attachmentOf(file, undecoded, sdk)),
      ...failures.names().map((name) => ({ name, kind: 'undecoded', mediaType: 'application/dicom' })),
    ],
    ...(reports.length === 0 ? {} : { reports }),
    vendor: vendorOf(parsed, sdk),
  };
}

/** Of a scan that this service wrote: all that the headers of DICOS have no place for. */
function ownFacts(
  images: readonly Image[],
  views: readonly ConvertedView[],
): Partial<
  Pick<Converted, 'source' | 'acquired' | 'purpose' | 'units' | 'history' | 'consignments' | 'control'>
> {
  const found = images.find(({ scan }) => scan !== undefined)?.scan;
  if (found === undefined) return {};
  const { completeness: _, units, ...facts } = found;
  return { ...facts, units: units.map((unit) => withExtentIn(views, unit)) };
}

/** Where a view has not come, or a section of it is missing, nothing says where its units lie. */
function withExtentIn(views: readonly ConvertedView[], unit: InspectionUnit): InspectionUnit {
  const { extent, ...rest } = unit;
  if (extent === undefined) return unit;
  const [channel] = views.find(({ id }) => id === extent.view)?.channels ?? [];
  const isThere = channel !== undefined && extent.from < extent.to && extent.to <= channel[extent.axis];
  return isThere ? unit : rest;
}

/** By Instance Number, so that the order of an upload changes nothing. */
function inOrder(files: readonly DicomFile[], sdk: DicomSdk): readonly DicomFile[] {
  const rank = ({ dataSet }: DicomFile) => sdk.dicom.number(dataSet, '00200013') ?? 0;
  const uid = ({ dataSet }: DicomFile) => sdk.dicom.text(dataSet, '00080018') ?? '';
  return files.toSorted((a, b) => rank(a) - rank(b) || (uid(a) < uid(b) ? -1 : 1));
}

function warnOfQuirks(files: readonly DicomFile[], sdk: DicomSdk): void {
  for (const { name, quirks } of files) {
    for (const { quirk, field, message } of quirks) {
      sdk.warn('NII_W_DICOM_QUIRK', { field: `${name} ${field}`, value: quirk, message });
    }
  }
}

/** Files with the same bytes came as one. */
function warnOfRepeatedInstances(files: readonly DicomFile[], sdk: DicomSdk): void {
  const first = new Map<string, string>();
  for (const { name, dataSet } of files) {
    const value = sdk.dicom.text(dataSet, '00080018');
    if (value === undefined) continue;
    const other = first.get(value);
    if (other === undefined) first.set(value, name);
    else sdk.warn('NII_W_INSTANCE_REPEATED', { field: name, value, message: `${other} has this UID, too` });
  }
}

/** What says who scanned what and when: an image, else any file. */
function describing(images: readonly Image[], files: readonly DicomFile[]): DataSet {
  return images[0]?.dataSet ?? files.find(({ hasPixels }) => hasPixels)?.dataSet ?? files[0]?.dataSet ?? [];
}

function reportsOf(files: readonly DicomFile[], sdk: DicomSdk) {
  const reports = files.filter(({ hasPixels }) => !hasPixels).flatMap((file) => reportOf(file, sdk) ?? []);
  if (reports.length > REPORTS_CEILING) {
    throw sdk.error(
      'NII_UNSUPPORTED_VARIANT',
      `${reports.length} reports; at most ${REPORTS_CEILING} are one scan here`,
    );
  }
  return reports;
}

/** Two files that would be the same channel are two channels: `high`, `high-2`. */
function distinct(images: readonly Image[]): readonly Image[] {
  const taken = new Set<string>();
  return images.map((image) => {
    const id = freeId(image, taken);
    taken.add(`${image.view.id}/${id}`);
    return { ...image, channel: { ...image.channel, id } };
  });
}

/** The first that no channel of the view has; of one more name than there are, one is free. */
function freeId({ view, channel }: Image, taken: ReadonlySet<string>): string {
  let id = channel.id;
  for (let count = 2; count <= taken.size + 2 && taken.has(`${view.id}/${id}`); count += 1)
    id = addSuffix(channel.id, String(count));
  return id;
}

function viewsOf(images: readonly Image[], sdk: DicomSdk): readonly ConvertedView[] {
  const ids = [...new Set(images.map(({ view }) => view.id))];
  if (ids.length > VIEWS_CEILING)
    throw sdk.error('NII_UNSUPPORTED_VARIANT', `${ids.length} views of one scan; at most ${VIEWS_CEILING}`);
  return ids.flatMap((id) => {
    const ofView = images.filter(({ view }) => view.id === id);
    if (ofView.length > CHANNELS_CEILING) {
      const detail = `${ofView.length} images of one view that are no volume; at most ${CHANNELS_CEILING}`;
      throw sdk.error('NII_UNSUPPORTED_VARIANT', detail);
    }
    return ofView
      .slice(0, 1)
      .map(({ view }) => ({ ...view, channels: ofView.map(({ channel }) => channel) }));
  });
}

const unfinished = new Set(['INCOMPLETE', 'CUT', 'JAM', 'OVERSIZE', 'SLIP']);

/** Acquisition Status (4010,1044): a scan that the machine calls unfinished is incomplete, whatever came. */
function completenessOf(
  files: readonly DicomFile[],
  undecoded: readonly string[],
  sdk: DicomSdk,
): { readonly completeness?: Completeness } {
  const images = files.filter(({ hasPixels }) => hasPixels);
  const cut = images.some(({ dataSet }) => unfinished.has(sdk.dicom.text(dataSet, '40101044') ?? ''));
  return cut || undecoded.length > 0 || images.length === 0 ? { completeness: 'incomplete' } : {};
}

/** Files that are no channel: reports, data sets without pixels, and images that could not be decoded. */
function attachmentOf(
  { name, hasPixels, dataSet }: DicomFile,
  undecoded: readonly string[],
  sdk: DicomSdk,
): readonly ConvertedAttachment[] {
  if (hasPixels && !undecoded.includes(name)) return [];
  const kind = hasPixels ? 'undecoded' : isReport(dataSet, sdk) ? 'report' : 'metadata';
  return [{ name, kind, mediaType: 'application/dicom' }];
}
