/** Recordings of a radiation portal, as converters/rpm-lines describes them. */

export interface Passage {
  /** ISO 8601, UTC; none: the lines carry no time. */
  readonly from?: string;
  readonly to?: string;
  readonly number?: number;
  readonly alarm?: 'gamma' | 'neutron';
}

/** One occupancy after the other. */
export function portalLines(passages: readonly Passage[]): Buffer {
  return Buffer.from(`${passages.flatMap(linesOf).join('\r\n')}\r\n`);
}

function linesOf({ from, to = from, number = 1, alarm }: Passage): readonly string[] {
  const line = (code: string, values: string, time: string | undefined) =>
    [code, values, ...(time === undefined ? [] : [time])].join(',');
  return [
    line('GB', '000250,000251,000252,000253', from),
    line('NB', '000002,000002,000001,000003', from),
    line('GS', '000060,000061,000062,000063', from),
    line(alarm === 'gamma' ? 'GA' : 'GS', '000300,000310,000320,000330', from),
    line(alarm === 'neutron' ? 'NA' : 'NS', '000009,000001,000002,000001', to),
    line('GX', `${String(number).padStart(6, '0')},002250`, to),
  ];
}

const gammaAlarm = '<RadAlarm><RadAlarmCategoryCode>Gamma</RadAlarmCategoryCode></RadAlarm>';

/** Results of a portal that names a nuclide and sets no alarm. */
export const nuclideFound = (name: string, identified = true) => `<NuclideAnalysisResults><Nuclide>
  <NuclideIdentifiedIndicator>${identified}</NuclideIdentifiedIndicator><NuclideName>${name}</NuclideName>
  <NuclideIDConfidenceValue>95</NuclideIDConfidenceValue></Nuclide></NuclideAnalysisResults>`;

/** A document of N42.42-2011 that names a container; with one gamma alarm unless other results are given. */
export function n42Document(container: string, start: string, results = gammaAlarm): Buffer {
  return Buffer.from(`<?xml version="1.0"?>
<RadInstrumentData xmlns="http://physics.nist.gov/N42/2011/N42">
  <RadItemInformation id="i"><RadItemCharacteristics><Characteristic>
    <CharacteristicName>Container number</CharacteristicName><CharacteristicValue>${container}</CharacteristicValue>
  </Characteristic></RadItemCharacteristics></RadItemInformation>
  <RadMeasurement id="m"><MeasurementClassCode>Foreground</MeasurementClassCode>
    <StartDateTime>${start}</StartDateTime><RealTimeDuration>PT10S</RealTimeDuration></RadMeasurement>
  <AnalysisResults>${results}</AnalysisResults>
</RadInstrumentData>`);
}
