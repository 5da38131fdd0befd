import {
  DECLARATION_WINDOW_SECONDS,
  type Declaration,
  type DeclarationBody,
} from '../core/case/declaration.ts';
import type { ScanRow } from '../core/scan/stored-scan.ts';

const DESCRIPTION_CHARACTERS = 80;
const HS_CODES = 3;
/** An analyst reads these in the queue; a container with more is told how many more. */
const DECLARATIONS = 4;

/** A declaration speaks of scans within the window of the day its goods were presented. */
export function isOfTime(declaration: Declaration, scan: Times): boolean {
  return secondsApart(declaration, scan) <= DECLARATION_WINDOW_SECONDS;
}

/** Whole days between the presentation of the goods and the scan. */
export function daysApart(declaration: Declaration, scan: Times): number {
  return Math.floor(secondsApart(declaration, scan) / 86_400);
}

type Times = Pick<ScanRow, 'acquiredAt' | 'receivedAt'>;

function secondsApart({ body, updatedAt }: Declaration, { acquiredAt, receivedAt }: Times): number {
  const presented = Date.parse(body.presentedAt ?? updatedAt);
  return Math.abs(presented - Date.parse(acquiredAt ?? receivedAt)) / 1000;
}

/** What was declared, as the analyst reads it beside the picture: one line for each declaration, in their order. */
export function inWords(bodies: readonly DeclarationBody[]): readonly string[] {
  const more = bodies.length - DECLARATIONS;
  const lines = bodies.slice(0, DECLARATIONS).map(oneInWords);
  return more > 0
    ? [...lines, `declared: in ${more} more ${more === 1 ? 'declaration' : 'declarations'}`]
    : lines;
}

function oneInWords(body: DeclarationBody): string {
  const parts = [...descriptionOf(body), ...hsCodesOf(body), ...massOf(body)];
  if (body.declaredEmpty === true) return ['declared empty', ...parts].join('; ');
  return parts.length === 0
    ? 'declared, without a description of the goods'
    : `declared: ${parts.join('; ')}`;
}

function descriptionOf({ description = '' }: DeclarationBody): readonly string[] {
  const characters = [...description.replace(/\s+/g, ' ').trim()];
  if (characters.length === 0) return [];
  const isShort = characters.length <= DESCRIPTION_CHARACTERS;
  return [isShort ? characters.join('') : `${characters.slice(0, DESCRIPTION_CHARACTERS).join('')}…`];
}

function hsCodesOf({ hsCodes = [] }: DeclarationBody): readonly string[] {
  if (hsCodes.length === 0) return [];
  const more = hsCodes.length - HS_CODES;
  return [`HS ${hsCodes.slice(0, HS_CODES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`];
}

/** Thousands apart by blanks, as ISO 80000-1 writes them; decimals as they were declared. */
function massOf({ grossMassKg }: DeclarationBody): readonly string[] {
  if (grossMassKg === undefined) return [];
  const [whole = '', ...decimals] = String(grossMassKg).split('.');
  return [`${[whole.replace(/(?<=\d)(?=(?:\d{3})+$)/g, ' '), ...decimals].join('.')} kg`];
}
