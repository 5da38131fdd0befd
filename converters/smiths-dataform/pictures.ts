import type { ConvertedView, ConverterFile, Rendered, Sdk, XmlNode } from '../../src/sdk/sdk.ts';
import { everyNode, localName } from './form.ts';

/** A rendered picture as a view with its one channel. */
export interface Picture {
  readonly view: ConvertedView;
  readonly samples: Uint8Array;
}

const CHANNEL = 'display';
const VIEWS_CEILING = 16;

/** Pictures that cannot be read are left out and said to be damaged: the form is worth more. */
export async function picturesOf(
  files: readonly ConverterFile[],
  root: XmlNode,
  sdk: Sdk,
): Promise<readonly Picture[]> {
  const names = viewNames(root);
  const pictures: Picture[] = [];
  for (const file of files.slice(0, VIEWS_CEILING)) {
    const rendered = await sdk.rendered(file, CHANNEL);
    if (rendered !== undefined) pictures.push(pictureOf(rendered, viewOf(file, files, names)));
  }
  return distinctIds(pictures);
}

function pictureOf({ channel, samples }: Rendered, { id, name }: ViewName): Picture {
  const display = { flipRows: false, rotate: 0, flipColumns: false } as const;
  return { view: { id, ...(name === undefined ? {} : { name }), display, channels: [channel] }, samples };
}

interface ViewName {
  readonly id: string;
  readonly name?: string;
}

/** Views that BeginOfCargo announces (Side, Top). */
function viewNames(root: XmlNode): readonly string[] {
  const views = everyNode(root)
    .filter((node) => localName(node) === 'ResourceType')
    .flatMap(({ attributes }) => (attributes.View === undefined ? [] : [attributes.View.slice(0, 64)]));
  return [...new Set(views)];
}

/** By the last letter of the picture's name where it is the first of a view's; the only picture is the only view. */
function viewOf(file: ConverterFile, files: readonly ConverterFile[], names: readonly string[]): ViewName {
  const letter = /([a-z])\.[^.]*$/i.exec(file.name)?.[1]?.toLowerCase();
  const [only] = files.length === 1 && names.length === 1 ? names : [];
  const name = names.find((view) => view[0]?.toLowerCase() === letter) ?? only;
  const id = name?.toLowerCase().replace(/[^a-z0-9]/g, '') ?? '';
  return name === undefined || id === '' ? { id: 'main' } : { id, name };
}

function distinctIds(pictures: readonly Picture[]): readonly Picture[] {
  return pictures.map((picture, i) => {
    const before = pictures.slice(0, i).filter(({ view }) => view.id === picture.view.id).length;
    return before === 0
      ? picture
      : { ...picture, view: { ...picture.view, id: `${picture.view.id}-${before + 1}` } };
  });
}
