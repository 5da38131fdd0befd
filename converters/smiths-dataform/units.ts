import type { ContainerNumber, InspectionUnit, Sdk, XmlNode } from '../../src/sdk/sdk.ts';
import { childrenOf, everyNode, localName, nodeAt, textAt } from './form.ts';

/** A container of the form with the element that holds its number. */
interface Numbered {
  readonly number: ContainerNumber;
  readonly plates: readonly string[];
  /** The Container element, for its corner points; absent where an exporter writes the number elsewhere. */
  readonly box: XmlNode;
}

/** Size of the picture in which corner points may lie. */
export interface PictureSize {
  readonly view: string;
  readonly rows: number;
  readonly columns: number;
}

/** One unit for each container number of every trailer; one unknown unit where there is none. */
export function unitsOf(
  root: XmlNode,
  picture: PictureSize | undefined,
  sdk: Sdk,
): readonly InspectionUnit[] {
  const vehicle = nodeAt(root, 'AdminData', 'Vehicle');
  const vehiclePlates = platesOf(vehicle, 'Vehicle', sdk);
  const trailers = childrenOf(nodeAt(vehicle, 'Trailers'), 'Trailer');
  const inTrailers = trailers.flatMap((trailer) => {
    const plates = platesOf(trailer, 'Trailer', sdk);
    return containersIn(trailer, sdk).map((one) => ({ ...one, plates }));
  });
  const numbered = inTrailers.length > 0 ? inTrailers : containersIn(root, sdk);
  const plain = sdk.units(numbered.map(({ number }) => number));
  const trailerPlates = numbered.length > 0 ? [] : trailers.flatMap((trailer) => platesIn(trailer));
  const declared = { declarations: declarationsOf(root, sdk), ...descriptionOf(root, sdk) };
  return plain.map((unit, i) => {
    const plates = [...vehiclePlates, ...trailerPlates, ...(numbered[i]?.plates ?? [])];
    const extent = extentOf(numbered[i]?.box, picture);
    return {
      ...unit,
      ...(extent === undefined ? {} : { extent }),
      plates: [...new Set(plates)].slice(0, 16),
      ...declared,
    };
  });
}

/** One more than a record holds: none is left out in silence, the record is rejected. */
const CONTAINERS_CEILING = 1025;

/** `ContainerId` as seen in every dialect; other exporters write ContainerID1, Container1 or an attribute's name. */
const numberName = /^container_?(?:id|no|number)?_?[0-9]?$/i;

function containersIn(node: XmlNode, sdk: Sdk): readonly Numbered[] {
  const found = everyNode(node).flatMap((parent) => containersOf(parent, sdk));
  return found.slice(0, CONTAINERS_CEILING);
}

function containersOf(parent: XmlNode, sdk: Sdk): readonly Numbered[] {
  const leaves = parent.children
    .filter((leaf) => leaf.children.length === 0 && numberName.test(fieldName(leaf)))
    .slice(0, CONTAINERS_CEILING);
  if (leaves.length === 0) return [];
  const confidence = confidenceOf(parent);
  return leaves.flatMap((leaf) => numbersOf(leaf, parent, confidence, sdk));
}

/** `<attribute name="Container1">` is named by its attribute. */
function fieldName(node: XmlNode): string {
  return localName(node).toLowerCase() === 'attribute' ? (node.attributes.name ?? '') : localName(node);
}

function numbersOf(
  leaf: XmlNode,
  parent: XmlNode,
  confidence: number | undefined,
  sdk: Sdk,
): readonly Numbered[] {
  const source = confidence === undefined ? 'unknown' : 'ocr';
  return sdk.containers(leaf.text, source, fieldName(leaf)).map((number) => ({
    number: confidence === undefined ? number : { ...number, confidence },
    plates: [],
    box: parent,
  }));
}

/** Percent; -1 stands for none. */
function confidenceOf(parent: XmlNode): number | undefined {
  const written = textAt(parent, 'OCR');
  const confidence = Number(written);
  return written !== '' && confidence >= 0 && confidence <= 100 ? confidence : undefined;
}

function platesIn(node: XmlNode | undefined): readonly string[] {
  const plate = textAt(node, 'PlateNumber');
  return plate === '' ? [] : [plate];
}

/** A misread plate is kept as it is written, and said to be one. */
function platesOf(node: XmlNode | undefined, owner: string, sdk: Sdk): readonly string[] {
  return platesIn(node).map((plate) => {
    if (/[^\p{L}\p{N} .-]/u.test(plate)) {
      const message = 'A plate with characters that no plate has';
      sdk.warn('NII_W_FIELD_MALFORMED', { field: `${owner}/PlateNumber`, value: plate, message });
    }
    return sdk.clip(plate);
  });
}

function declarationsOf(root: XmlNode, sdk: Sdk): InspectionUnit['declarations'] {
  const written = textAt(root, 'AdminData', 'DeclarationID');
  return written === '' ? [] : [sdk.clip(written)];
}

function descriptionOf(root: XmlNode, sdk: Sdk): Pick<InspectionUnit, 'description'> {
  const empty = textAt(root, 'ProcessInstructions', 'IsContainerEmpty') === '1';
  const said = [textAt(root, 'AdminData', 'Comments'), empty ? 'Said to be empty' : ''];
  const description = said.filter((text) => text !== '').join('; ');
  return description === '' ? {} : { description: sdk.clip(description) };
}

/** A box of fewer columns is none: points that were never set are zeros. */
const COLUMNS_FLOOR = 8;

/** Corner points where all of them are places in the picture; their unit is not stated anywhere. */
function extentOf(
  box: XmlNode | undefined,
  picture: PictureSize | undefined,
): InspectionUnit['extent'] | undefined {
  if (box === undefined || picture === undefined) return undefined;
  const corners = ['TopLeft', 'TopRight', 'BottomLeft', 'BottomRight'].map((name) => pointOf(box, name));
  const inside = corners.every(
    (point) => point !== undefined && point.x <= picture.columns && point.y <= picture.rows,
  );
  if (!inside) return undefined;
  const xs = corners.flatMap((point) => (point === undefined ? [] : [point.x]));
  const from = Math.floor(Math.min(...xs));
  const to = Math.ceil(Math.max(...xs));
  return to - from < COLUMNS_FLOOR ? undefined : { view: picture.view, axis: 'columns', from, to };
}

function pointOf(box: XmlNode, corner: string): { readonly x: number; readonly y: number } | undefined {
  const point = nodeAt(box, corner, 'Point3D');
  const [x, y] = [textAt(point, 'X'), textAt(point, 'Y')].map((text) => (text === '' ? -1 : Number(text)));
  return x !== undefined && y !== undefined && x >= 0 && y >= 0 ? { x, y } : undefined;
}
