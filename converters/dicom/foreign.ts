import type { ConvertedChannel, DataSet, DicomFile, DicomPixels } from '../../src/sdk/sdk.ts';
import { rescaleOf } from './rescale.ts';
import type { DicomSdk } from './tools.ts';

/** Projection X-ray. A CT slice holds reconstructed values, which are no transmission. */
const projections = new Set(['XRAY', 'DX', 'CR', 'RF', 'XA', 'MG', 'IO', 'PX', 'RG']);

/** DX for presentation (NEMA IIC 1), with its variants of wider samples. */
const DICOS_PRESENTATION = '1.2.840.10008.5.1.4.1.1.501.2.1';

/** Views are numbered in DICOS (6100,0024); elsewhere images of one size are taken for one view. */
export function foreignViewId(dataSet: DataSet, pixels: DicomPixels, sdk: DicomSdk): string {
  const view = sdk.dicom.short(dataSet, '61000024');
  if (view !== undefined && Number.isInteger(view) && view >= 0) return `view-${view}`;
  return `view-${pixels.rows}x${pixels.columns}`;
}

/** A channel of a file that others wrote: only what its elements say. */
export function foreignChannel(
  { dataSet, name }: DicomFile,
  pixels: DicomPixels,
  sdk: DicomSdk,
): ConvertedChannel {
  const { rows, columns, frames, samplesPerPixel, bitsAllocated, bitsStored, sampleFormat, photometric } =
    pixels;
  const measured = measuredBy(dataSet, pixels, sdk);
  if (measured.kind === 'unknown') sdk.warn('NII_W_CHANNEL_UNKNOWN', { field: name });
  return {
    ...measured,
    rows,
    columns,
    frames,
    samplesPerPixel,
    planar: false,
    bitsAllocated,
    bitsStored,
    sampleFormat,
    ...(photometric === '' || photometric.length > 16 ? {} : { photometric }),
    ...pitchOf(dataSet, sdk),
    ...paddingOf(dataSet, sdk),
    ...rescaleOf(dataSet, pixels, name, sdk),
  };
}

type Measured = Pick<ConvertedChannel, 'id' | 'kind' | 'energy' | 'nominalEnergyMev' | 'polarity'>;

/** Linear detector values for processing are transmission; what was made to be looked at is a picture. */
function measuredBy(dataSet: DataSet, pixels: DicomPixels, sdk: DicomSdk): Measured {
  const modality = sdk.dicom.text(dataSet, '00080060') ?? '';
  const rendered =
    sdk.dicom.text(dataSet, '00080068') === 'FOR PRESENTATION' &&
    !isMeasuredForPresentation(dataSet, pixels, sdk);
  if (pixels.samplesPerPixel > 1 || pixels.photometric === 'PALETTE COLOR' || rendered) {
    return { id: 'picture', kind: 'display', polarity: 'none' };
  }
  const projection = projections.has(modality) && sdk.dicom.text(dataSet, '00281040') === 'LIN';
  if (!projection) return { id: 'image', kind: 'unknown', polarity: 'unknown' };
  const energy = energyOf(dataSet, sdk);
  return {
    id: energy === 'single' ? 'image' : energy,
    kind: 'transmission',
    energy,
    ...nominalOf(dataSet, sdk),
    polarity: polarityOf(dataSet, sdk),
  };
}

/** DICOS for presentation whose attributes say that its values are those of the detector: original, linear, 16 bits. */
function isMeasuredForPresentation(dataSet: DataSet, pixels: DicomPixels, sdk: DicomSdk): boolean {
  const [origin = ''] = sdk.dicom.texts(dataSet, '00080008');
  return (
    sdk.dicom.text(dataSet, '00080016')?.startsWith(DICOS_PRESENTATION) === true &&
    origin.trim() === 'ORIGINAL' &&
    sdk.dicom.text(dataSet, '00281040') === 'LIN' &&
    pixels.bitsAllocated === 16
  );
}

/** Image Type (0008,0008); some writers put an underscore for the blank. */
function energyOf(dataSet: DataSet, sdk: DicomSdk): 'high' | 'low' | 'single' {
  const types = sdk.dicom.texts(dataSet, '00080008').map((text) => text.trim().replaceAll('_', ' '));
  if (types.includes('HIGH ENERGY')) return 'high';
  return types.includes('LOW ENERGY') ? 'low' : 'single';
}

/** KVP (0018,0060), of the tube or the accelerator; zero stands for a number that nobody gave. */
function nominalOf(dataSet: DataSet, sdk: DicomSdk): { readonly nominalEnergyMev?: number } {
  const kilovolts = sdk.dicom.number(dataSet, '00180060') ?? 0;
  return kilovolts > 0 && kilovolts <= 20_000 ? { nominalEnergyMev: kilovolts / 1000 } : {};
}

/** Pixel Intensity Relationship Sign (0028,1041): 1 where a low value means few X-rays. */
function polarityOf(dataSet: DataSet, sdk: DicomSdk): Measured['polarity'] {
  const sign = sdk.dicom.number(dataSet, '00281041');
  if (sign === 1) return 'high-is-transparent';
  return sign === -1 ? 'high-is-opaque' : 'unknown';
}

/** Imager Pixel Spacing at the detector, else Pixel Spacing: row spacing first (PS3.3 10.7.1.3). */
function pitchOf(dataSet: DataSet, sdk: DicomSdk): Pick<ConvertedChannel, 'pitch'> {
  const spacing = ['00181164', '00280030'].map((tag) => sdk.dicom.numbers(dataSet, tag));
  const [rowMm = 0, columnMm = 0] = spacing.find(({ length }) => length === 2) ?? [];
  return rowMm > 0 && columnMm > 0 ? { pitch: { rowMm, columnMm, source: 'file' } } : {};
}

/**
 * Pixel Padding Value has the signedness of the pixels (PS3.3 C.7.5.1.1.2); writers that take the other one mean the same
 * 16 bits.
 */
function paddingOf(dataSet: DataSet, sdk: DicomSdk): Pick<ConvertedChannel, 'invalidValue'> {
  const written = sdk.dicom.number(dataSet, '00280120');
  if (written === undefined) return {};
  const isSigned = sdk.dicom.number(dataSet, '00280103') === 1;
  if (isSigned && written > 0x7fff) return { invalidValue: written - 0x1_0000 };
  return { invalidValue: !isSigned && written < 0 ? written + 0x1_0000 : written };
}
