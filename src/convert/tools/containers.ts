import { containerState, normaliseContainer } from '../../core/check-digits.ts';
import type { ContainerNumber, InspectionUnit } from '../../core/scan/scan.ts';
import type { WarningCode } from '../../core/warnings.ts';
import type { Sdk } from '../../sdk/sdk.ts';

/** More boxes than any lorry or wagon carries. */
const NUMBERS_CEILING = 16;

const warningOfState: Readonly<Record<ContainerNumber['state'], WarningCode | undefined>> = {
  valid: undefined,
  'wrong-check-digit': 'NII_W_CONTAINER_CHECK_DIGIT',
  'ambiguous-check-digit': 'NII_W_CONTAINER_AMBIGUOUS',
  'unread-characters': 'NII_W_CONTAINER_UNREAD',
  'not-iso6346': 'NII_W_CONTAINER_NOT_ISO6346',
};

/** Container numbers of one field: split at commas, semicolons, bars and line ends, normalised, judged. */
export function numbersIn(
  written: string,
  source: ContainerNumber['source'],
  field: string,
  warn: Sdk['warn'],
): readonly ContainerNumber[] {
  if (isNoText(written)) {
    warn('NII_W_FIELD_MALFORMED', {
      field,
      message: 'Bytes that are not text cannot contain a container number',
    });
    return [];
  }
  const parts = written
    .replace(/\0+$/, '')
    .split(/[,;|\r\n，；、]+/)
    .flatMap(splitRunTogether)
    .map((part) => part.trim())
    .filter((part) => normaliseContainer(part) !== '');
  if (parts.length > NUMBERS_CEILING) {
    warn('NII_W_FIELD_MALFORMED', { field, value: written, message: `More than ${NUMBERS_CEILING} numbers` });
  }
  return parts.slice(0, NUMBERS_CEILING).map((part) => judged(part, source, field, warn));
}

/** Control characters but blanks and line ends, and not at the end, where fields of fixed length have zeros. */
function isNoText(written: string): boolean {
  return /[^\P{Cc}\s]|\ufffd/u.test(written.replace(/\0+$/, ''));
}

/** `MSCU1234565 TGHU7654321` and `MSCU1234565/TGHU7654321`: two whole numbers, separated by a space or "/". */
function splitRunTogether(part: string): readonly string[] {
  const words = part.split(/[\s/]+/).filter((word) => word !== '');
  const whole = words.every((word) => /^[A-Z?]{4}[0-9?]{7}$/i.test(word));
  return words.length > 1 && whole ? words : [part];
}

function judged(
  part: string,
  source: ContainerNumber['source'],
  field: string,
  warn: Sdk['warn'],
): ContainerNumber {
  const value = normaliseContainer(part).slice(0, 64);
  const state = containerState(value);
  const code = warningOfState[state];
  if (code !== undefined) warn(code, { field, value });
  return { value, written: part.slice(0, 4096), state, source };
}

/** One unit of kind container for each number, or one unknown unit where there is none. */
export function unitsOf(containers: readonly ContainerNumber[]): readonly InspectionUnit[] {
  const blank = { plates: [], declarations: [], seals: [] };
  if (containers.length === 0) return [{ id: 'unit-1', kind: 'unknown', containers: [], ...blank }];
  return containers.map((number, i) => ({
    id: `unit-${i + 1}`,
    kind: 'container',
    containers: [number],
    ...blank,
  }));
}
