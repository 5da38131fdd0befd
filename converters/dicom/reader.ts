import type {
  Completeness,
  Converted,
  ConvertedChannel,
  ConvertedView,
  ConverterFile,
  DataSet,
  DicomFile,
  Json,
  Sdk,
} from '../../src/convert/sdk.ts';
import { foreignChannel, foreignViewId } from './foreign.ts';
import { acquiredOf, isDicos, purposeOf, sourceOf, unitsOf } from './header.ts';
import { ownChannel } from './own.ts';
import { type DicomSdk, withDicom } from './tools.ts';

const CHANNELS_CEILING = 64;
const VIEWS_CEILING = 16;

/** One channel of the scan: a file with its samples. */
export interface Image {
  readonly view: Omit<ConvertedView, 'channels'>;
  readonly channel: ConvertedChannel;
  readonly samples: Uint8Array;
  readonly dataSet: DataSet;
}

/** One file a channel; those of the same view lie together. Reports go with the scan as they are. */
export async function read(files: readonly ConverterFile[], plain: Sdk): Promise<Converted> {
  const sdk = await withDicom(plain);
  const parsed = files.map((file) => ({ file, dicom: sdk.dicom.read(file) }));
  const withPixels = inOrder(
    parsed.map(({ dicom }) => dicom).filter(({ hasPixels }) => hasPixels),
    sdk,
  );
  const images = distinct(await imagesOf(withPixels, sdk));
  const [first] = images;
  if (first === undefined) throw nothingToSee(parsed, sdk);
  if (images.some(({ channel }) => channel.pitch === undefined)) sdk.warn('NII_W_PITCH_UNKNOWN');
  const { dataSet } = first;
  return {
    source: sourceOf(dataSet, sdk),
    acquired: acquiredOf(dataSet, sdk),
    purpose: purposeOf(dataSet, sdk),
    units: unitsOf(dataSet, sdk),
    views: viewsOf(images, sdk),
    planes: new Map(images.map(({ view, channel, samples }) => [sdk.planeKey(view.id, channel.id), samples])),
    ...completenessOf(images, sdk),
    attachments: parsed
      .filter(({ dicom }) => !dicom.hasPixels)
      .map(({ file }) => ({ name: file.name, kind: 'report', mediaType: 'application/dicom' })),
    vendor: Object.fromEntries(
      parsed.map(({ file, dicom }): [string, Json] => [file.name, sdk.dicom.toJson(dicom.dataSet)]),
    ),
  };
}

/** By Instance Number, so that the order of an upload changes nothing. */
function inOrder(files: readonly DicomFile[], sdk: DicomSdk): readonly DicomFile[] {
  const rank = ({ dataSet }: DicomFile) => sdk.dicom.number(dataSet, '00200013') ?? 0;
  const uid = ({ dataSet }: DicomFile) => sdk.dicom.text(dataSet, '00080018') ?? '';
  return files.toSorted((a, b) => rank(a) - rank(b) || (uid(a) < uid(b) ? -1 : 1));
}

async function imagesOf(files: readonly DicomFile[], sdk: DicomSdk): Promise<readonly Image[]> {
  if (files.length > CHANNELS_CEILING) {
    throw sdk.error(
      'NII_UNSUPPORTED_VARIANT',
      `${files.length} images; at most ${CHANNELS_CEILING} are one scan here`,
    );
  }
  const images: Image[] = [];
  for (const file of files) images.push(await imageOf(file, sdk));
  return images;
}

async function imageOf(file: DicomFile, sdk: DicomSdk): Promise<Image> {
  const pixels = await file.pixels();
  if (pixels.lossy) sdk.warn('NII_W_LOSSY', { field: file.name });
  if (pixels.trailingBytes > 0) {
    sdk.warn('NII_W_TRAILING_BYTES', { field: file.name, value: String(pixels.trailingBytes) });
  }
  const own = ownChannel(file, pixels, sdk);
  if (own !== undefined) return own;
  return {
    view: {
      id: foreignViewId(file.dataSet, pixels, sdk),
      display: { flipRows: false, rotate: 0, flipColumns: false },
    },
    channel: foreignChannel(file, pixels, sdk),
    samples: pixels.bytes,
    dataSet: file.dataSet,
  };
}

/** Two files that would be the same channel are two channels: `high`, `high-2`. */
function distinct(images: readonly Image[]): readonly Image[] {
  const seen = new Map<string, number>();
  return images.map((image) => {
    const key = `${image.view.id}/${image.channel.id}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count === 1
      ? image
      : { ...image, channel: { ...image.channel, id: `${image.channel.id}-${count}` } };
  });
}

function viewsOf(images: readonly Image[], sdk: DicomSdk): readonly ConvertedView[] {
  const ids = [...new Set(images.map(({ view }) => view.id))];
  if (ids.length > VIEWS_CEILING)
    throw sdk.error('NII_UNSUPPORTED_VARIANT', `${ids.length} views of one scan`);
  return ids.flatMap((id) => {
    const ofView = images.filter(({ view }) => view.id === id);
    return ofView
      .slice(0, 1)
      .map(({ view }) => ({ ...view, channels: ofView.map(({ channel }) => channel) }));
  });
}

const unfinished = new Set(['INCOMPLETE', 'CUT', 'JAM', 'OVERSIZE', 'SLIP']);

/** Acquisition Status (4010,1044): a scan that the machine calls unfinished is incomplete, whatever came. */
function completenessOf(images: readonly Image[], sdk: DicomSdk): { readonly completeness?: Completeness } {
  const cut = images.some(({ dataSet }) => unfinished.has(sdk.dicom.text(dataSet, '40101044') ?? ''));
  return cut ? { completeness: 'incomplete' } : {};
}

function nothingToSee(parsed: readonly { readonly dicom: DicomFile }[], sdk: DicomSdk): Error {
  const dicos = parsed.some(({ dicom }) => isDicos(dicom.dataSet, sdk));
  const what = dicos ? 'a report without the images that it speaks of' : 'a DICOM file without pixels';
  return sdk.error('NII_UNSUPPORTED_VARIANT', `${what}; send it with the images of the same scan`);
}
