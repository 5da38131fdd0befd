import type { ConvertedChannel, DataSet, DicomPixels } from '../../src/sdk/sdk.ts';
import type { DicomSdk } from './tools.ts';

type Rescale = NonNullable<ConvertedChannel['rescale']>;

/** Slope, intercept and type as written. */
interface Scale {
  readonly slope: number;
  readonly intercept: number;
  readonly type: string;
}

/** Multi-frame functional groups (PS3.3 C.7.6.16), and in them the Pixel Value Transformation Sequence (C.7.6.16.2.9). */
const SHARED_GROUPS = '52009229';
const FRAME_GROUPS = '52009230';
const TRANSFORMATION = '00289145';

/** Type of a rescale that is not specified (PS3.3 C.11.1.1.2). */
const UNSPECIFIED = 'US';

/** The one scale of all frames (PS3.3 C.11.1); 1 and 0 in no unit say nothing. Colours and floats have none. */
export function rescaleOf(
  dataSet: DataSet,
  { frames, samplesPerPixel, sampleFormat }: DicomPixels,
  name: string,
  sdk: DicomSdk,
): { readonly rescale?: Rescale } {
  if (samplesPerPixel > 1 || sampleFormat === 'float') return {};
  const [scale, ...others] = scalesOf(dataSet, frames, sdk);
  if (others.length > 0) {
    sdk.warn('NII_W_RESCALE_PER_FRAME', { field: name, value: `${others.length + 1} scales` });
    return {};
  }
  return scale === undefined ? {} : toRescale(scale, sdk);
}

/** What the file says of scale, alike for two files whose samples may become one channel. */
export function scaleKey(dataSet: DataSet, frames: number, sdk: DicomSdk): string {
  return JSON.stringify(scalesOf(dataSet, frames, sdk));
}

/** Each scale once, the one of frames without any as `undefined`: at the top of the file, else in its groups. */
function scalesOf(dataSet: DataSet, frames: number, sdk: DicomSdk): readonly (Scale | undefined)[] {
  const top = scaleIn(dataSet, sdk);
  if (top !== undefined) return [top];
  const [sharedGroup] = sdk.dicom.items(dataSet, SHARED_GROUPS);
  const shared = scaleInGroup(sharedGroup, sdk);
  const groups = sdk.dicom.items(dataSet, FRAME_GROUPS);
  if (groups.length === 0) return [shared];
  const scales = new Map<string, Scale | undefined>();
  for (let frame = 0; frame < frames; frame += 1) {
    const scale = scaleInGroup(groups[frame], sdk) ?? shared;
    scales.set(JSON.stringify([scale]), scale);
    if (frame >= groups.length) break; // every further frame has the shared scale, too
  }
  return [...scales.values()];
}

function scaleInGroup(group: DataSet | undefined, sdk: DicomSdk): Scale | undefined {
  const [transformation] = group === undefined ? [] : sdk.dicom.items(group, TRANSFORMATION);
  return transformation === undefined ? undefined : scaleIn(transformation, sdk);
}

function scaleIn(dataSet: DataSet, sdk: DicomSdk): Scale | undefined {
  const [intercept, slope] = ['00281052', '00281053'].map((tag) => sdk.dicom.number(dataSet, tag));
  if (slope === undefined || intercept === undefined) return undefined;
  return { slope, intercept, type: (sdk.dicom.text(dataSet, '00281054') ?? '').trim() };
}

function toRescale({ slope, intercept, type }: Scale, sdk: DicomSdk): { readonly rescale?: Rescale } {
  const units = type === UNSPECIFIED ? '' : type.slice(0, 64);
  if (slope === 1 && intercept === 0 && units === '') return {};
  if (slope === 0 || !Number.isFinite(slope) || !Number.isFinite(intercept)) {
    sdk.warn('NII_W_FIELD_MALFORMED', {
      field: '(0028,1053)',
      value: `slope ${slope}, intercept ${intercept}`,
    });
    return {};
  }
  return { rescale: { slope, intercept, ...(units === '' ? {} : { units }) } };
}
