import type { Converted, ConverterFile, Sdk } from '../../src/sdk/sdk.ts';
import { type Form, formOf, textAt } from './form.ts';
import { historyOf, kindOf, operationsIn, reportsOf } from './operations.ts';
import { type Picture, picturesOf } from './pictures.ts';
import { attachmentsOf, isThumbnail, listed, resourcesOf, warnOfMissing } from './resources.ts';
import { type PictureSize, unitsOf } from './units.ts';

/** The form is the record. Its picture is a preview; the measured values are in files of undisclosed layout. */
export async function read(files: readonly ConverterFile[], sdk: Sdk): Promise<Converted> {
  const { form } = formOf(files, sdk);
  const others = files.filter((file) => file !== form.file);
  const resources = resourcesOf(form.root, others);
  warnOfMissing(resources, sdk);
  const shown = others.filter((file) => file.role === 'picture' && !isThumbnail(file, resources));
  const pictures = await picturesOf(shown, form.root, sdk);
  if (pictures.length > 0) {
    sdk.warn('NII_W_PREVIEW_ONLY');
    sdk.warn('NII_W_PITCH_UNKNOWN');
  }
  return {
    source: sourceOf(form, sdk),
    acquired: acquiredOf(form, sdk),
    ...(textAt(form.root, 'InTraining') === '1' ? { purpose: 'training' } : {}),
    units: unitsOf(form.root, sizeOf(pictures), sdk),
    views: pictures.map(({ view }) => view),
    planes: new Map(pictures.map(({ view, samples }) => [sdk.planeKey(view.id, 'display'), samples])),
    attachments: [
      { name: form.file.name, kind: 'metadata', mediaType: 'application/xml' },
      ...attachmentsOf(
        others.filter((file) => !shown.includes(file)),
        resources,
        sdk,
      ),
    ],
    history: historyOf(form.root, sdk),
    reports: reportsOf(form.root, form.file.name, sdk),
    vendor: {
      [form.file.name]: { [form.root.name]: sdk.toJson(form.root) },
      resources: listed(resources),
    },
  };
}

function sourceOf({ root }: Form, sdk: Sdk): Converted['source'] {
  const acquisition = operationsIn(root).find((node) => kindOf(node) === 'acquisition');
  const model = sdk.clip(textAt(acquisition, 'System'));
  const site = sdk.clip(textAt(root, 'Site'));
  return {
    format: 'smiths-dataform',
    manufacturer: 'Smiths Detection',
    ...(model === '' ? {} : { model }),
    ...(site === '' ? {} : { site }),
  };
}

function acquiredOf({ root }: Form, sdk: Sdk): Converted['acquired'] {
  const written = textAt(root, 'Date');
  return written === '' ? { zone: 'unknown' } : sdk.timeText(written);
}

/** Corner points can only lie in the one picture there is. */
function sizeOf(pictures: readonly Picture[]): PictureSize | undefined {
  const [picture] = pictures;
  const channel = picture?.view.channels[0];
  if (picture === undefined || channel === undefined || pictures.length > 1) return undefined;
  return { view: picture.view.id, rows: channel.rows, columns: channel.columns };
}
