import { createRequire } from 'node:module';
import qrcode from 'qrcode-generator';
import { sharp } from '../../codec/raster/libvips.ts';
import type { Verdict } from '../../core/case/case.ts';
import type { DeclarationBody } from '../../core/case/declaration.ts';
import type { Region } from '../../core/case/region.ts';
import { previewedChannel } from '../../core/scan/channel-kinds.ts';
import type { View } from '../../core/scan/scan.ts';
import { turnedCorner, turnedSides } from '../../core/scan/turn.ts';
import { type OrderLanguage, orderWords } from './words.ts';

/** What a searcher takes along on paper. */
export interface SearchOrder {
  readonly caseId: string;
  /** What the code to scan says: the address of the search, or the id of the case where none is known. */
  readonly code: string;
  readonly site: string;
  readonly container?: string;
  readonly plates: readonly string[];
  /** ISO 8601 */
  readonly sentAt: string;
  readonly verdict?: Verdict;
  /** What the reason of the verdict is called in the language of the order. */
  readonly reason?: string;
  readonly instructions?: string;
  readonly declarations: readonly { readonly ref: string; readonly body: DeclarationBody }[];
  /** PNG; undefined where the scan has none. */
  readonly preview?: Uint8Array;
  /** The preview is flat where the cab of the truck is. */
  readonly isCabMasked: boolean;
  readonly views: readonly View[];
  readonly language: OrderLanguage;
}

type Page = PDFKit.PDFDocument;

const require = createRequire(import.meta.url);
/** Of the standard fonts of PDF none has letters beyond western Europe. */
const fonts = {
  plain: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  bold: require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'),
};

/** A4 in points, and what is on it. */
const sheet = { width: 595.28, height: 841.89, margin: 36 } as const;
const inner = sheet.width - 2 * sheet.margin;
const codeSide = 96;
const pictureHeight = 230;
const facts = { top: 380, bottom: 680, name: 110 } as const;
/** Of the picture on paper; more is not seen. */
const pictureSamples = 1600;
/** Longer words end with dots: the order is one page. */
const longest = 600;

/** One page of A4 as PDF. */
export async function renderSearchOrder(order: SearchOrder): Promise<Uint8Array> {
  const words = orderWords[order.language];
  const { default: PDFDocument } = await import('pdfkit'); // a service that prints nothing does without its megabytes
  const page = new PDFDocument({
    size: 'A4',
    margin: sheet.margin,
    font: fonts.plain,
    autoFirstPage: true,
    lang: order.language,
    // what a screen reader follows: PDF 1.7, 14.8
    pdfVersion: '1.7',
    tagged: true,
    displayTitle: true,
    info: { Title: `${words.title} ${order.container ?? order.caseId}`, Creator: 'nii-hub' },
  });
  const whole = collect(page);
  const document = page.struct('Document');
  page.addStructure(document);
  const sheetOfPaper: Sheet = {
    page,
    say: (type, draw, alt) => void document.add(page.struct(type, alt === undefined ? {} : { alt }, draw)),
  };
  drawHead(sheetOfPaper, order);
  await drawPicture(sheetOfPaper, order);
  drawFacts(sheetOfPaper, order);
  drawFoot(sheetOfPaper, order);
  document.end();
  page.end();
  return whole;
}

/** The page, and the order in which what is on it is read out. */
interface Sheet {
  readonly page: Page;
  /** Draws something that is read out: as a heading, a line of text, or a figure in the words of `alt`. */
  readonly say: (type: 'H1' | 'P' | 'Figure', draw: () => void, alt?: string) => void;
}

/** Draws what is only to be seen. */
function ornament(page: Page, draw: () => void): void {
  page.markContent('Artifact', { type: 'Layout' });
  draw();
  page.endMarkedContent();
}

async function collect(page: Page): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of page) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function drawHead(
  { page, say }: Sheet,
  { language, container, caseId, code, site, plates, sentAt }: SearchOrder,
): void {
  const words = orderWords[language];
  const { margin } = sheet;
  const width = inner - codeSide - 12;
  say('H1', () => {
    page.font(fonts.bold).fontSize(18).text(words.title, margin, margin, { width, lineBreak: false });
  });
  const lines = [
    [words.container, container ?? '–'],
    [words.plates, plates.length === 0 ? '–' : plates.join(', ')],
    [words.site, site],
    [words.sent, `${sentAt.slice(0, 16).replace('T', ' ')} UTC`],
    [words.caseId, caseId],
  ] as const;
  for (const [i, [name, value]] of lines.entries()) {
    const y = margin + 30 + i * 14;
    say('P', () => {
      page.font(fonts.plain).fontSize(9).fillColor('#555').text(`${name}:`, margin, y, { width: facts.name });
      page
        .font(fonts.bold)
        .fillColor('black')
        .text(value, margin + facts.name, y, { width: width - facts.name, height: 12, ellipsis: true });
    });
  }
  say(
    'Figure',
    () => drawCode(page, code, sheet.width - margin - codeSide, margin),
    `${words.code}: ${code}`,
  );
}

/** As squares, so that any printer gives sharp edges. */
function drawCode(page: Page, text: string, left: number, top: number): void {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  const side = codeSide / count;
  for (let row = 0; row < count; row++)
    for (let column = 0; column < count; column++)
      if (code.isDark(row, column)) page.rect(left + column * side, top + row * side, side, side);
  page.fill('black');
}

async function drawPicture(
  { page, say }: Sheet,
  { preview, isCabMasked, views, verdict, language }: SearchOrder,
): Promise<void> {
  const shown = previewedChannel(views);
  if (preview === undefined || shown === undefined) return;
  const most = {
    width: pictureSamples,
    height: pictureSamples,
    fit: 'inside',
    withoutEnlargement: true,
  } as const;
  const picture = await sharp(preview).resize(most).greyscale().png().toBuffer();
  const sides = turnedSides(shown.channel, shown.view.display);
  const scale = Math.min(inner / sides.columns, pictureHeight / sides.rows);
  const [width, height] = [sides.columns * scale, sides.rows * scale];
  const left = sheet.margin + (inner - width) / 2;
  const top = sheet.margin + 112;
  const words = orderWords[language];
  const regions = verdict?.regions ?? [];
  const drawn = regions.filter(({ view }) => view === shown.view.id);
  const draw = () => {
    page.image(picture, left, top, { width, height });
    for (const region of drawn) {
      const corners = cornersOf(region)
        .map((corner) => turnedCorner(corner, shown.channel, shown.view.display))
        .map(([x, y]) => [left + x * scale, top + y * scale] as const);
      drawOutline(page, corners);
      const number = regions.indexOf(region) + 1;
      if (region.text !== undefined) drawNumber(page, number, corners[0] ?? [left, top]);
    }
  };
  say('Figure', draw, `${words.picture}: ${drawn.length}`);
  const below = [
    ...(isCabMasked ? [words.cabMasked] : []),
    ...(drawn.length === regions.length ? [] : [`${words.otherViews}: ${regions.length - drawn.length}`]),
  ];
  drawBelow({ page, say }, below, top + pictureHeight + 4);
}

/** What the picture does not show, in small lines from this height downwards. */
function drawBelow({ page, say }: Sheet, lines: readonly string[], top: number): void {
  for (const [i, line] of lines.entries())
    say('P', () => {
      page
        .font(fonts.plain)
        .fontSize(8)
        .fillColor('#555')
        .text(line, sheet.margin, top + i * 10);
    });
}

/** Red on white, to be seen on every grey. */
function drawOutline(page: Page, corners: readonly (readonly [number, number])[]): void {
  for (const [colour, line] of [
    ['white', 3],
    ['#d00000', 1.5],
  ] as const)
    page
      .lineWidth(line)
      .polygon(...corners.map(([x, y]) => [x, y]))
      .stroke(colour);
}

/** Beside a region of which the words below say more. */
function drawNumber(page: Page, number: number, [x, y]: readonly [number, number]): void {
  const side = 11;
  page.rect(x - side, y - side, side, side).fill('white');
  page
    .font(fonts.bold)
    .fontSize(8)
    .fillColor('#d00000')
    .text(String(number), x - side, y - side + 1, { width: side, align: 'center', lineBreak: false });
}

/** What the reader wrote beside regions, each with the number that the picture shows. */
function writtenBeside(verdict: Verdict | undefined): string | undefined {
  const written = (verdict?.regions ?? []).flatMap(({ text }, i) =>
    text === undefined ? [] : [`${i + 1}: ${text}`],
  );
  return written.length === 0 ? undefined : written.join('; ');
}

function cornersOf(region: Region): readonly (readonly [number, number])[] {
  if ('points' in region) return region.points.map(({ x, y }) => [x, y]);
  const { x, y, width, height } = region;
  return [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
}

function drawFacts(
  { page, say }: Sheet,
  { language, verdict, reason, instructions, declarations }: SearchOrder,
): void {
  const words = orderWords[language];
  const [first] = declarations;
  const rows: readonly (readonly [string, string | undefined])[] = [
    [words.reason, verdict && `${words.kinds[verdict.kind]}: ${reason ?? verdict.reason}`],
    [words.note, verdict?.note],
    [words.marks, writtenBeside(verdict)],
    [words.instructions, instructions],
    [
      words.declaration,
      first === undefined ? words.noDeclaration : declarations.map(({ ref }) => ref).join(', '),
    ],
    [words.goods, first?.body.description],
    [words.hs, first?.body.hsCodes?.join(', ')],
    [words.packages, first?.body.packages?.toString()],
    [words.origin, first?.body.origin],
  ];
  let y: number = facts.top + 30;
  const width = inner - facts.name;
  for (const [name, value] of rows) {
    const room = facts.bottom - y;
    if (value === undefined || room < 12) continue;
    const text = value.length > longest ? `${value.slice(0, longest)}…` : value;
    page.font(fonts.plain).fontSize(9);
    const height = Math.min(page.heightOfString(text, { width }), room);
    const at = y;
    say('P', () => {
      page.fillColor('#555').text(`${name}:`, sheet.margin, at, { width: facts.name });
      page.fillColor('black').text(text, sheet.margin + facts.name, at, { width, height, ellipsis: true });
    });
    y += height + 5;
  }
}

function drawFoot({ page, say }: Sheet, { language }: SearchOrder): void {
  const words = orderWords[language];
  const places = [
    [words.found, facts.bottom + 20],
    [words.signature, facts.bottom + 90],
  ] as const;
  for (const [name, y] of places) {
    say('P', () => {
      page.font(fonts.plain).fontSize(9).fillColor('#555').text(name, sheet.margin, y, { width: inner });
    });
    ornament(page, () => {
      page
        .lineWidth(0.5)
        .moveTo(sheet.margin, y + 30)
        .lineTo(sheet.width - sheet.margin, y + 30)
        .stroke('#888');
    });
  }
}
