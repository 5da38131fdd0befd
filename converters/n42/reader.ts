import type {
  Converted,
  ConverterFile,
  InspectionUnit,
  Json,
  RadiationDetector,
  RadiationInstrument,
  RadiationKind,
  RadiationRecord,
  Sdk,
  XmlNode,
} from '../../src/sdk/sdk.ts';
import { alarmsOf, nuclidesOf } from './analysis.ts';
import { inNamesOf2011 } from './edition-2006.ts';
import { measurementsOf } from './measurements.ts';
import { allOf, attributeOf, childOf, childrenOf, localName, optional, textOf, word } from './nodes.ts';
import { calibrationsOf } from './spectra.ts';

const NAMESPACE = 'http://physics.nist.gov/N42/2011/N42';
const DETECTORS_CEILING = 256;
const COMPONENTS_CEILING = 64;
const PLATES_CEILING = 16;

/** One document of ANSI N42.42 (IEC 62755), edition of 2011 or 2006, is one occupancy. */
export function read(files: readonly ConverterFile[], sdk: Sdk): Converted {
  const file = onlyFile(files, sdk);
  const { root: written } = sdk.xml(file);
  const is2006 = localName(written) !== 'RadInstrumentData';
  const root = is2006 ? inNamesOf2011(written, file.name, sdk) : written;
  if (!is2006) warnOfNamespace(root, sdk);
  const characteristics = characteristicsOf(root);
  const record = recordOf(root, characteristics, sdk);
  if (record.occupancy.start?.utc === undefined) sdk.warn('NII_W_TIME_ABSENT', { field: 'StartDateTime' });
  const { manufacturer, model, serial, components } = record.instrument;
  return {
    source: {
      format: is2006 ? 'n42-2006' : 'n42-2011',
      ...optional('manufacturer', manufacturer),
      ...optional('model', model),
      ...optional('serial', serial),
      ...optional('software', softwareOf(components)),
      ...optional('site', record.site),
      ...optional('lane', record.lane),
    },
    acquired: record.occupancy.start ?? { zone: 'unknown' },
    units: unitsOf(root, characteristics, sdk),
    views: [],
    planes: new Map(),
    radiation: [record],
    vendor: { [file.name]: vendorOf(written, sdk) },
  };
}

function onlyFile(files: readonly ConverterFile[], sdk: Sdk): ConverterFile {
  const records = files.filter(({ role }) => role === 'record');
  const [file] = records;
  if (file === undefined || records.length > 1) {
    throw sdk.error('NII_MALFORMED', `${records.length} N42 documents where a record has one`);
  }
  return file;
}

function warnOfNamespace(root: XmlNode, sdk: Sdk): void {
  const prefix = root.name.includes(':') ? `:${root.name.slice(0, root.name.indexOf(':'))}` : '';
  const namespace = root.attributes[`xmlns${prefix}`] ?? '';
  if (namespace !== NAMESPACE) sdk.warn('NII_W_HEADER_CONSTANT', { field: 'xmlns', value: namespace });
}

function recordOf(root: XmlNode, characteristics: readonly Characteristic[], sdk: Sdk): RadiationRecord {
  const alarms = alarmsOf(root, sdk);
  const nuclides = nuclidesOf(root, sdk);
  const calibrations = calibrationsOf(childrenOf(root, 'EnergyCalibration'), sdk);
  const measured = measurementsOf(root, calibrations, sdk);
  const number = Number(
    characteristic(characteristics, /^occupancy[\s_-]*(number|count|id)$/i) ?? Number.NaN,
  );
  return {
    id: 'occupancy-1',
    ...optional('documentId', word(attributeOf(root, 'n42DocUUID'))),
    instrument: instrumentOf(childOf(root, 'RadInstrumentInformation'), sdk),
    ...optional('portal', characteristic(characteristics, /^portal/i)),
    ...optional('site', characteristic(characteristics, /^site/i)),
    ...optional('lane', characteristic(characteristics, /^lane/i)),
    occupancy: {
      ...optional('number', Number.isSafeInteger(number) && number >= 0 ? number : undefined),
      ...optional('start', measured.start),
      ...optional('end', measured.end),
      ended: true,
    },
    ...optional('speedMetresPerSecond', measured.speedMetresPerSecond),
    detectors: childrenOf(root, 'RadDetectorInformation').slice(0, DETECTORS_CEILING).map(detectorOf),
    counts: [...measured.counts],
    spectra: [...measured.spectra],
    doseRates: [...measured.doseRates],
    alarms: [...alarms],
    faults: [...measured.faults],
    nuclides: [...nuclides],
  };
}

function instrumentOf(node: XmlNode | undefined, sdk: Sdk): RadiationInstrument {
  const text = (name: string) => {
    const found = textOf(node, name);
    return found === undefined ? undefined : sdk.clip(found);
  };
  const versions = node === undefined ? [] : childrenOf(node, 'RadInstrumentVersion');
  return {
    ...optional('manufacturer', text('RadInstrumentManufacturerName')),
    ...optional('model', text('RadInstrumentModelName')),
    ...optional('serial', text('RadInstrumentIdentifier')),
    ...optional('classCode', word(textOf(node, 'RadInstrumentClassCode'))),
    ...optional('description', text('RadInstrumentDescription')),
    components: versions.slice(0, COMPONENTS_CEILING).map((version) => ({
      name: word(textOf(version, 'RadInstrumentComponentName')) ?? 'unnamed',
      ...optional('version', word(textOf(version, 'RadInstrumentComponentVersion'))),
    })),
  };
}

function softwareOf(components: RadiationInstrument['components']): string | undefined {
  return components.find(({ name }) => /software|firmware/i.test(name))?.version;
}

const kinds = new Map<string, RadiationKind>(
  Object.entries({
    Gamma: 'gamma',
    Neutron: 'neutron',
    Alpha: 'alpha',
    Beta: 'beta',
    'X-ray': 'x-ray',
    Other: 'other',
  }),
);

function detectorOf(node: XmlNode): RadiationDetector {
  return {
    id: (attributeOf(node, 'id') ?? 'unknown').slice(0, 256),
    kind: kinds.get(textOf(node, 'RadDetectorCategoryCode') ?? '') ?? 'unknown',
    ...optional('name', word(textOf(node, 'RadDetectorName'))),
    ...optional('material', word(textOf(node, 'RadDetectorKindCode'))),
    ...optional('description', word(textOf(node, 'RadDetectorDescription'))),
  };
}

/** A name and its value, of the inspected item or of the instrument. */
interface Characteristic {
  readonly name: string;
  readonly value: string;
}

function characteristicsOf(root: XmlNode): readonly Characteristic[] {
  const owners = ['RadItemInformation', 'RadInstrumentInformation'].flatMap((name) => childrenOf(root, name));
  return owners
    .flatMap((owner) => allOf(owner, 'Characteristic'))
    .flatMap((node) => {
      const name = textOf(node, 'CharacteristicName');
      const value = textOf(node, 'CharacteristicValue');
      return name === undefined || value === undefined ? [] : [{ name, value: value.slice(0, 4096) }];
    });
}

function characteristic(characteristics: readonly Characteristic[], name: RegExp): string | undefined {
  return characteristics.find((one) => name.test(one.name))?.value;
}

function unitsOf(
  root: XmlNode,
  characteristics: readonly Characteristic[],
  sdk: Sdk,
): readonly InspectionUnit[] {
  const containers = characteristics
    .filter(({ name }) => /container/i.test(name))
    .flatMap(({ name, value }) => sdk.containers(value, 'scanner', name));
  const plates = characteristics.filter(({ name }) => /plate/i.test(name)).map(({ value }) => value);
  const description = childrenOf(root, 'RadItemInformation')
    .map((item) => textOf(item, 'RadItemDescription'))
    .find((text) => text !== undefined);
  const [first, ...others] = sdk.units(containers);
  if (first === undefined) return others;
  const described = {
    ...first,
    plates: plates.slice(0, PLATES_CEILING),
    ...optional('description', description === undefined ? undefined : sdk.clip(description)),
  };
  return [described, ...others];
}

/** Everything but the measurements: those are in the record, and in the original. */
function vendorOf(root: XmlNode, sdk: Sdk): Json {
  return sdk.toJson(withoutMeasurements(root));
}

const measured = new Set([
  'RadMeasurement',
  'RadMeasurementGroup',
  'EnergyCalibration',
  'DerivedData',
  'DetectorData',
  'Spectrum',
  'Calibration',
]);

function withoutMeasurements(node: XmlNode): XmlNode {
  const kept = node.children.filter((child) => !measured.has(localName(child)));
  return { ...node, children: kept.map(withoutMeasurements) };
}
