import type { Sdk, XmlNode } from '../../src/sdk/sdk.ts';
import { allOf, attributeOf, childOf, childrenOf, localName, textOf } from './nodes.ts';

const MEASUREMENTS_CEILING = 4096;

/**
 * A document of the edition of 2006, in the names of the edition of 2011; its root may be an `Event` that portals write
 * around it. @throws NII_MALFORMED for one without a measurement
 */
export function inNamesOf2011(root: XmlNode, file: string, sdk: Sdk): XmlNode {
  const documents = [root, ...allOf(root, 'N42InstrumentData')].filter(
    (node) => localName(node) === 'N42InstrumentData',
  );
  const found = documents.flatMap((one) => childrenOf(one, 'Measurement'));
  if (found.length === 0) throw sdk.error('NII_MALFORMED', `${file}: N42.42 of 2006 without a Measurement`);
  const measured = found.flatMap((one) => measuredIn(one));
  if (measured.length > MEASUREMENTS_CEILING) {
    const message = `${measured.length - MEASUREMENTS_CEILING} further spectra and counts are in the original only`;
    sdk.warn('NII_W_FIELD_MALFORMED', { field: 'DetectorMeasurement', message });
  }
  const kept = measured.slice(0, MEASUREMENTS_CEILING);
  return node('RadInstrumentData', {
    attributes: {
      n42DocUUID: found.map((one) => attributeOf(one, 'UUID') ?? '').find((id) => id !== '') ?? '',
    },
    children: [
      ...found.slice(0, 1).map(instrumentOf),
      ...detectorsOf(kept),
      ...calibrationsOf(found),
      ...kept.map(measurementOf),
      node('AnalysisResults', { children: [...alarmsOf(root), ...nuclidesOf(root)] }),
    ],
  });
}

interface Parts {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly XmlNode[];
  readonly text?: string;
}

function node(name: string, { attributes = {}, children = [], text = '' }: Parts): XmlNode {
  return { name, attributes, children, text };
}

/** A child of another name, where the element has one with this text. */
function renamed(from: XmlNode | undefined, name: string, as: string): readonly XmlNode[] {
  const text = textOf(from, name);
  return text === undefined ? [] : [node(as, { text })];
}

function instrumentOf(measurement: XmlNode): XmlNode {
  const [about] = allOf(measurement, 'InstrumentInformation');
  const version = textOf(about, 'InstrumentVersion');
  const component = node('RadInstrumentVersion', {
    children: [
      node('RadInstrumentComponentName', { text: 'Software' }),
      node('RadInstrumentComponentVersion', { text: version ?? '' }),
    ],
  });
  return node('RadInstrumentInformation', {
    children: [
      ...renamed(about, 'Manufacturer', 'RadInstrumentManufacturerName'),
      ...renamed(about, 'InstrumentModel', 'RadInstrumentModelName'),
      ...renamed(about, 'InstrumentID', 'RadInstrumentIdentifier'),
      ...renamed(about, 'InstrumentType', 'RadInstrumentClassCode'),
      ...(version === undefined ? [] : [component]),
    ],
  });
}

/** What an element says of what is measured in it; the nearest one around a spectrum or a count that says it counts. */
interface Said {
  readonly detector?: string | undefined;
  readonly kind?: string | undefined;
  readonly source?: string | undefined;
  readonly start?: string | undefined;
  readonly real?: string | undefined;
  readonly occupied?: string | undefined;
}

/** A spectrum or a count. */
interface Measured extends Said {
  readonly own: XmlNode;
}

const measuring: ReadonlySet<string> = new Set(['Spectrum', 'CountDoseData', 'GrossCounts']);

/** Each element is looked at once; the depth of the document is bounded. */
function measuredIn(parent: XmlNode, around: Said = {}): readonly Measured[] {
  const said = saidBy(parent, around);
  return parent.children.flatMap((child) =>
    measuring.has(localName(child)) ? [{ own: child, ...saidBy(child, said) }] : measuredIn(child, said),
  );
}

function saidBy(one: XmlNode, around: Said): Said {
  return {
    detector: attributeOf(one, 'Detector') ?? around.detector,
    kind: attributeOf(one, 'DetectorType') ?? around.kind,
    source: textOf(one, 'SourceType') ?? around.source,
    start: textOf(one, 'StartTime') ?? around.start,
    real: textOf(one, 'RealTime') ?? textOf(one, 'SampleRealTime') ?? around.real,
    occupied: occupiedBy(one) ?? around.occupied,
  };
}

/** Portals say it beside the measurement (`DetectorStatus`), as an attribute or as a text. */
function occupiedBy(one: XmlNode): string | undefined {
  const status = childOf(one, 'DetectorStatus');
  const beside = status === undefined ? undefined : attributeOf(status, 'Occupied');
  return (
    beside ?? attributeOf(one, 'Occupied') ?? textOf(one, 'OccupancyIndicator') ?? textOf(one, 'Occupied')
  );
}

function detectorOf({ detector, kind = 'unknown' }: Measured): string {
  return detector ?? kind;
}

function detectorsOf(all: readonly Measured[]): readonly XmlNode[] {
  const kinds = new Map<string, string>();
  for (const one of all) {
    const isSpectrum = localName(one.own) === 'Spectrum';
    const kind = one.kind ?? (isSpectrum ? 'Gamma' : '');
    if (!kinds.has(detectorOf(one))) kinds.set(detectorOf(one), kind);
  }
  return [...kinds].map(([id, kind]) =>
    node('RadDetectorInformation', {
      attributes: { id },
      children: [node('RadDetectorCategoryCode', { text: kind })],
    }),
  );
}

/** Of a spectrum, or of the document with an identifier that spectra name. */
function calibrationsOf(documents: readonly XmlNode[]): readonly XmlNode[] {
  return documents
    .flatMap((one) => allOf(one, 'Calibration'))
    .filter((one) => (attributeOf(one, 'Type') ?? 'Energy') === 'Energy')
    .map((one) =>
      node('EnergyCalibration', {
        attributes: { id: attributeOf(one, 'ID') ?? '' },
        children: allOf(one, 'Coefficients').map(({ text }) => node('CoefficientValues', { text })),
      }),
    );
}

const classOf: Readonly<Record<string, string>> = {
  Item: 'Foreground',
  Background: 'Background',
  Calibration: 'Calibration',
  Stabilization: 'Calibration',
  IntrinsicActivity: 'IntrinsicActivity',
};

function measurementOf(measured: Measured): XmlNode {
  const { own, source, occupied, start, real } = measured;
  return node('RadMeasurement', {
    children: [
      ...(source === undefined ? [] : [node('MeasurementClassCode', { text: classOf[source] ?? source })]),
      ...(start === undefined ? [] : [node('StartDateTime', { text: start })]),
      ...(real === undefined ? [] : [node('RealTimeDuration', { text: real })]),
      ...(occupied === undefined ? [] : [node('OccupancyIndicator', { text: occupied })]),
      ...(localName(own) === 'Spectrum' ? [spectrumOf(measured)] : countsOf(measured)),
    ],
  });
}

function spectrumOf(measured: Measured): XmlNode {
  const { own } = measured;
  const named = attributeOf(own, 'CalibrationIDs')?.split(/\s+/)[0];
  const calibration = named ?? attributeOf(allOf(own, 'Calibration')[0] ?? own, 'ID') ?? '';
  const id = attributeOf(own, 'ID');
  return node('Spectrum', {
    attributes: {
      ...(id === undefined ? {} : { id }),
      radDetectorInformationReference: detectorOf(measured),
      energyCalibrationReference: calibration,
    },
    children: [
      ...renamed(own, 'LiveTime', 'LiveTimeDuration'),
      ...childrenOf(own, 'ChannelData').map((data) =>
        node('ChannelData', {
          attributes: { compressionCode: attributeOf(data, 'Compression') ?? 'None' },
          text: data.text,
        }),
      ),
    ],
  });
}

function countsOf(measured: Measured): readonly XmlNode[] {
  const { own } = measured;
  const attributes = { radDetectorInformationReference: detectorOf(measured) };
  const counts = textOf(own, 'Counts') ?? textOf(own, 'TotalCounts');
  const dose = renamed(own, 'DoseRate', 'DoseRateValue');
  return [
    ...(counts === undefined
      ? []
      : [
          node('GrossCounts', {
            attributes,
            children: [...renamed(own, 'LiveTime', 'LiveTimeDuration'), node('CountData', { text: counts })],
          }),
        ]),
    ...(dose.length === 0 ? [] : [node('DoseRate', { attributes, children: dose })]),
  ];
}

const alarmNames: Readonly<Record<string, string>> = { GammaAlarm: 'Gamma', NeutronAlarm: 'Neutron' };

/** One alarm for each kind that an attribute or an element says is true, wherever it stands. */
function alarmsOf(root: XmlNode): readonly XmlNode[] {
  return Object.entries(alarmNames)
    .filter(([name]) => isTrueIn(root, name))
    .map(([, text]) => node('RadAlarm', { children: [node('RadAlarmCategoryCode', { text })] }));
}

function isTrueIn(one: XmlNode, name: string): boolean {
  const said = localName(one) === name ? one.text : attributeOf(one, name);
  return /^(true|1)$/i.test(said ?? '') || one.children.some((child) => isTrueIn(child, name));
}

function nuclidesOf(root: XmlNode): readonly XmlNode[] {
  return allOf(root, 'Nuclide').map((one) =>
    node('Nuclide', {
      children: [
        ...renamed(one, 'NuclideName', 'NuclideName'),
        ...renamed(one, 'NuclideType', 'NuclideCategoryDescription'),
        ...renamed(one, 'NuclideIDConfidenceIndication', 'NuclideIDConfidenceDescription'),
      ],
    }),
  );
}
