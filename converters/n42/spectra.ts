import type {
  EnergyCalibration,
  MeasurementClass,
  RadiationSpectrum,
  Sdk,
  XmlNode,
} from '../../src/sdk/sdk.ts';
import { attributeOf, childOf, optional, secondsIn, textOf, word } from './nodes.ts';

/** Of one spectrum: high-purity germanium has 16,384. */
const CHANNELS_CEILING = 65_536;
/** Coefficients that are kept of a polynomial. */
const COEFFICIENTS_CEILING = 16;

export type Calibrations = ReadonlyMap<string, EnergyCalibration>;

export function calibrationsOf(nodes: readonly XmlNode[], sdk: Sdk): Calibrations {
  return new Map(nodes.map((node) => [attributeOf(node, 'id') ?? '', calibrationOf(node, sdk)]));
}

/** Coefficients of keV by channel, or the edges of the channels one by one. */
function calibrationOf(node: XmlNode, sdk: Sdk): EnergyCalibration {
  const coefficients = numbersIn(textOf(node, 'CoefficientValues'), 'CoefficientValues', sdk);
  const edges = numbersIn(textOf(node, 'EnergyBoundaryValues'), 'EnergyBoundaryValues', sdk);
  const firstKev = edges[0];
  const lastKev = edges.at(-1);
  const boundaries =
    edges.length < 2 || firstKev === undefined || lastKev === undefined
      ? undefined
      : { count: edges.length, firstKev, lastKev };
  return {
    ...(coefficients.length === 0 ? {} : { coefficients: coefficients.slice(0, COEFFICIENTS_CEILING) }),
    ...optional('boundaries', boundaries),
  };
}

/** All or none: a list with one bad number says nothing of the others. */
function numbersIn(text: string | undefined, field: string, sdk: Sdk): readonly number[] {
  if (text === undefined) return [];
  const words = text.split(/\s+/).slice(0, CHANNELS_CEILING + 1);
  const values = words.map(Number);
  if (values.every(Number.isFinite)) return values;
  sdk.warn('NII_W_FIELD_MALFORMED', { field, value: text.slice(0, 80) });
  return [];
}

/** Where a spectrum was measured, from the measurement that holds it. */
export interface Measured {
  readonly class: MeasurementClass;
  readonly startText: string | undefined;
  readonly realSeconds: number | undefined;
}

/** A spectrum without its channel values where they are not readable is none: the original has them. */
export function spectrumOf(
  node: XmlNode,
  measured: Measured,
  calibrations: Calibrations,
  sdk: Sdk,
): RadiationSpectrum | undefined {
  const channelData = childOf(node, 'ChannelData');
  const data = channelData === undefined ? undefined : channelsIn(channelData, sdk);
  if (data === undefined) return undefined;
  const calibration = calibrations.get(attributeOf(node, 'energyCalibrationReference') ?? '');
  const { startText, realSeconds } = measured;
  return {
    ...optional('id', word(attributeOf(node, 'id'))),
    ...optional('detector', word(attributeOf(node, 'radDetectorInformationReference'))),
    class: measured.class,
    ...optional('start', startText === undefined ? undefined : sdk.timeText(startText)),
    ...optional('liveSeconds', secondsIn(textOf(node, 'LiveTimeDuration'), 'LiveTimeDuration', sdk)),
    ...optional('realSeconds', realSeconds),
    channels: data.length,
    counts: data.reduce((sum, counts) => sum + counts, 0),
    ...optional('calibration', calibration),
    data,
  };
}

/**
 * Counts by channel. With CountedZeroes each zero is followed by how many zeros stand there (ANSI N42.42-2011,
 * ChannelData). @throws NII_LIMIT_EXPANSION
 */
function channelsIn(node: XmlNode, sdk: Sdk): number[] | undefined {
  const code = attributeOf(node, 'compressionCode') ?? 'None';
  if (code !== 'None' && code !== 'CountedZeroes') return unread(code, 'an unknown compression', sdk);
  const values: number[] = [];
  let zeroAwaitsItsCount = false;
  for (const [text] of node.text.matchAll(/[^\s,]+/g)) {
    const value = Number(text);
    if (!Number.isFinite(value) || value < 0) return unread(text, 'a value that is no count', sdk);
    if (zeroAwaitsItsCount) {
      if (!Number.isInteger(value) || value < 1) return unread(text, 'a zero without its run length', sdk);
      append(values, 0, value, sdk);
      zeroAwaitsItsCount = false;
    } else if (code === 'CountedZeroes' && value === 0) zeroAwaitsItsCount = true;
    else append(values, value, 1, sdk);
  }
  if (zeroAwaitsItsCount) return unread('0', 'a zero without its run length', sdk);
  return values.length === 0 ? unread('', 'no value', sdk) : values;
}

function append(values: number[], value: number, times: number, sdk: Sdk): void {
  if (times > CHANNELS_CEILING - values.length) {
    const detail = `ChannelData: more than ${CHANNELS_CEILING} channels in one spectrum`;
    throw sdk.error('NII_LIMIT_EXPANSION', detail);
  }
  for (let i = 0; i < times; i++) values.push(value);
}

function unread(value: string, what: string, sdk: Sdk): undefined {
  const message = `A spectrum is in the original only: ${what}`;
  sdk.warn('NII_W_FIELD_MALFORMED', { field: 'ChannelData', value: value.slice(0, 80), message });
  return undefined;
}
