"""Writes fixtures/ of this converter: N42.42 documents, and the record that must come out of them.

The documents are written with xml.etree, the expected values come from the numbers that went in, not from the reader.
Run: python3 fixtures.py
"""
import json
import pathlib
import shutil
import xml.etree.ElementTree as ET

import numpy as np

ROOT = pathlib.Path(__file__).parent / 'fixtures'
DOCUMENT = '00000000-0000-4000-8000-000000004242'
NS = 'http://physics.nist.gov/N42/2011/N42'
rng = np.random.RandomState(4242)


def add(parent, name, text=None, **attributes):
    node = ET.SubElement(parent, f'{{{NS}}}{name}', {key: str(value) for key, value in attributes.items()})
    if text is not None:
        node.text = str(text)
    return node


def document():
    return ET.Element(f'{{{NS}}}RadInstrumentData', {'n42DocUUID': DOCUMENT})


def instrument(root):
    node = add(root, 'RadInstrumentInformation', id='instrument')
    add(node, 'RadInstrumentManufacturerName', 'Example Portals')
    add(node, 'RadInstrumentIdentifier', 'RPM-0007')
    add(node, 'RadInstrumentModelName', 'Gate 4')
    add(node, 'RadInstrumentClassCode', 'Portal Monitor')
    for name, version in (('Hardware', 'B'), ('Software', '3.2.1')):
        component = add(node, 'RadInstrumentVersion')
        add(component, 'RadInstrumentComponentName', name)
        add(component, 'RadInstrumentComponentVersion', version)


def characteristic(parent, name, value):
    node = add(parent, 'Characteristic')
    add(node, 'CharacteristicName', name)
    add(node, 'CharacteristicValue', value)


def detectors(root):
    for identifier, category, kind in (('PVT1', 'Gamma', 'PVT'), ('NaI1', 'Gamma', 'NaI'), ('He1', 'Neutron', 'He3')):
        node = add(root, 'RadDetectorInformation', id=identifier)
        add(node, 'RadDetectorCategoryCode', category)
        add(node, 'RadDetectorKindCode', kind)


DETECTORS = [{'id': 'PVT1', 'kind': 'gamma', 'material': 'PVT'}, {'id': 'NaI1', 'kind': 'gamma', 'material': 'NaI'},
             {'id': 'He1', 'kind': 'neutron', 'material': 'He3'}]
INSTRUMENT = {'manufacturer': 'Example Portals', 'model': 'Gate 4', 'serial': 'RPM-0007', 'classCode': 'Portal Monitor',
              'components': [{'name': 'Hardware', 'version': 'B'}, {'name': 'Software', 'version': '3.2.1'}]}


def counted_zeroes(values):
    """As the standard describes it: a zero is followed by the number of zeros that stand there."""
    words, run = [], 0
    for value in [*values, None]:
        if value == 0:
            run += 1
            continue
        if run:
            words += ['0', str(run)]
            run = 0
        if value is not None:
            words.append(str(value))
    return ' '.join(words)


def measurement(root, number, code, start, seconds, occupied=None):
    node = add(root, 'RadMeasurement', id=f'M{number}')
    add(node, 'MeasurementClassCode', code)
    add(node, 'StartDateTime', start)
    add(node, 'RealTimeDuration', f'PT{seconds}S')
    if occupied is not None:
        add(node, 'OccupancyIndicator', 'true' if occupied else 'false')
    return node


def gross(node, detector, live, counts):
    inner = add(node, 'GrossCounts', radDetectorInformationReference=detector)
    add(inner, 'LiveTimeDuration', f'PT{live}S')
    add(inner, 'CountData', counts)


def encoded(root, encoding='utf-8', prefix=''):
    ET.register_namespace(prefix, NS)
    return ET.tostring(root, encoding=encoding, xml_declaration=True)


def case(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file_name, content in files.items():
        (folder / file_name).write_bytes(content)
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1, sort_keys=True) + '\n')


shutil.rmtree(ROOT, ignore_errors=True)

# ---- An alarm, with everything that a record holds -------------------------------------------------------------
root = document()
instrument(root)
detectors(root)
item = add(root, 'RadItemInformation', id='item')
add(item, 'RadItemDescription', 'Articulated lorry')
inner = add(item, 'RadItemCharacteristics')
characteristic(inner, 'Container Number', 'CSQU3054383')
characteristic(inner, 'Licence plate', 'XX 123 YY')
characteristic(inner, 'Lane', 'lane-3')
characteristic(inner, 'Occupancy Number', '1207')
calibration = add(root, 'EnergyCalibration', id='cal')
add(calibration, 'CoefficientValues', '1.5 2.875 0.0005')

background_spectrum = rng.poisson(3, 256)
foreground_spectrum = np.where(rng.uniform(size=256) < 0.6, 0, rng.poisson(9, 256))
background = measurement(root, 1, 'Background', '2026-03-04T05:00:00.000-05:00', 60)
gross(background, 'PVT1', 60, 24000)
gross(background, 'He1', 60, 40)
spectrum = add(background, 'Spectrum', id='S1', radDetectorInformationReference='NaI1', energyCalibrationReference='cal')
add(spectrum, 'LiveTimeDuration', 'PT59.5S')
add(spectrum, 'ChannelData', ' '.join(map(str, background_spectrum)))
slices = [(410, 1), (930, 2), (655, 0)]
for i, (gamma, neutron) in enumerate(slices):
    node = measurement(root, i + 2, 'Foreground', f'2026-03-04T05:01:1{i}.500-05:00', 1, True)
    gross(node, 'PVT1', 0.99, gamma)
    gross(node, 'He1', 1, neutron)
    dose = add(node, 'DoseRate', radDetectorInformationReference='NaI1')
    add(dose, 'DoseRateValue', 0.1 + i / 4)
    if i == 1:
        spectrum = add(node, 'Spectrum', id='S2', radDetectorInformationReference='NaI1',
                       energyCalibrationReference='cal')
        add(spectrum, 'LiveTimeDuration', 'PT0.95S')
        add(spectrum, 'ChannelData', counted_zeroes(foreground_spectrum), compressionCode='CountedZeroes')
        state = add(node, 'RadItemState')
        vector = add(state, 'StateVector')
        add(vector, 'SpeedValue', 2.25)
    if i == 2:
        state = add(node, 'RadDetectorState', radDetectorInformationReference='He1')
        fault = add(state, 'Fault')
        add(fault, 'FaultCodeValue', 'T1')
        add(fault, 'FaultDescription', 'Tamper switch')
        add(fault, 'FaultSeverityCode', 'Warning')
analysis = add(root, 'AnalysisResults', radMeasurementReferences='M3')
alarm = add(analysis, 'RadAlarm', id='A1', radDetectorInformationReferences='PVT1 NaI1')
add(alarm, 'RadAlarmDateTime', '2026-03-04T05:01:11.700-05:00')
add(alarm, 'RadAlarmCategoryCode', 'Gamma')
add(alarm, 'RadAlarmDescription', 'Gross counts above 6 sigma')
alarm = add(analysis, 'RadAlarm', id='A2')
add(alarm, 'RadAlarmCategoryCode', 'Gamma-Neutron')
results = add(analysis, 'NuclideAnalysisResults')
nuclide = add(results, 'Nuclide')
add(nuclide, 'NuclideIdentifiedIndicator', 'true')
add(nuclide, 'NuclideName', 'K-40')
add(nuclide, 'NuclideIDConfidenceValue', 87)
add(nuclide, 'NuclideCategoryDescription', 'NORM')


def at(written, utc):
    return {'written': written, 'utc': utc, 'zone': 'stated'}


def spectrum_of(identifier, phase, values, start, live, real):
    return {'id': identifier, 'detector': 'NaI1', 'class': phase, 'start': start, 'liveSeconds': live,
            'realSeconds': real, 'channels': 256, 'counts': int(values.sum()),
            'calibration': {'coefficients': [1.5, 2.875, 0.0005]}, 'data': [int(value) for value in values]}


def counts_of(detector, phase, values, live):
    return {'detector': detector, 'class': phase, 'counts': sum(values), 'samples': len(values), 'maximum': max(values),
            'liveSeconds': live}


record = {
    'id': 'occupancy-1', 'documentId': DOCUMENT, 'instrument': INSTRUMENT, 'lane': 'lane-3', 'notMeasured': ['tamper'],
    'occupancy': {'number': 1207, 'ended': True,
                  'start': at('2026-03-04T05:01:10.500-05:00', '2026-03-04T10:01:10.500Z'),
                  'end': {'utc': '2026-03-04T10:01:13.500Z', 'zone': 'stated'}},
    'speedMetresPerSecond': 2.25,
    'detectors': DETECTORS,
    'counts': [counts_of('PVT1', 'background', [24000], 60), counts_of('He1', 'background', [40], 60),
               counts_of('PVT1', 'foreground', [gamma for gamma, _ in slices], 0.99 + 0.99 + 0.99),
               counts_of('He1', 'foreground', [neutron for _, neutron in slices], 3)],
    'spectra': [spectrum_of('S1', 'background', background_spectrum,
                            at('2026-03-04T05:00:00.000-05:00', '2026-03-04T10:00:00Z'), 59.5, 60),
                spectrum_of('S2', 'foreground', foreground_spectrum,
                            at('2026-03-04T05:01:11.500-05:00', '2026-03-04T10:01:11.500Z'), 0.95, 1)],
    'doseRates': [{'detector': 'NaI1', 'class': 'foreground', 'microsievertsPerHour': 0.6}],
    'alarms': [{'category': 'gamma', 'written': 'Gamma', 'description': 'Gross counts above 6 sigma',
                'at': at('2026-03-04T05:01:11.700-05:00', '2026-03-04T10:01:11.700Z'), 'detectors': ['PVT1', 'NaI1']},
               {'category': 'gamma-neutron', 'written': 'Gamma-Neutron'}],
    'faults': [{'kind': 'tamper', 'code': 'T1', 'severity': 'Warning', 'description': 'Tamper switch',
                'at': at('2026-03-04T05:01:12.500-05:00', '2026-03-04T10:01:12.500Z')}],
    'nuclides': [{'name': 'K-40', 'identified': True, 'category': 'NORM', 'confidence': 87}],
}
whole = {'completeness': 'incomplete', 'containers': [['CSQU3054383', 'valid']], 'plates': ['XX 123 YY'],
         'description': 'Articulated lorry', 'acquired': '2026-03-04T10:01:10.500Z',
         'warnings': ['NII_W_ALARM_CATEGORY'], 'record': {'/radiation': [record], '/source/software': '3.2.1'}}
case('alarm', {'p1207.n42': encoded(root)}, {'groupKey': 'p1207', 'roles': {'p1207.n42': 'record'}, **whole})
case('prefix-and-utf-16', {'p1208.xml': encoded(root, 'utf-16', 'n42')}, {'groupKey': 'p1208', **whole})

# ---- No alarm, no zone; dirt -----------------------------------------------------------------------------------
root = document()
detectors(root)
node = measurement(root, 1, 'Foreground', '2026-03-04T05:01:10', 4)
gross(node, 'PVT1', 4, 1600)
spectrum = add(node, 'Spectrum', radDetectorInformationReference='NaI1')
add(spectrum, 'LiveTimeDuration', '4 seconds')
add(spectrum, 'ChannelData', '1 0 3 5 0', compressionCode='CountedZeroes')
case('no-alarm-cut-run', {'quiet.n42': encoded(root)}, {
    'groupKey': 'quiet', 'completeness': 'incomplete', 'acquired': '2026-03-04T05:01:10Z',
    'warnings': ['NII_W_FIELD_MALFORMED', 'NII_W_TIME_ZONE'],
    'record': {'/radiation': [{
        'id': 'occupancy-1', 'documentId': DOCUMENT, 'instrument': {'components': []},
        'occupancy': {'ended': True,
                      'start': {'written': '2026-03-04T05:01:10', 'utc': '2026-03-04T05:01:10Z', 'zone': 'assumed-utc'},
                      'end': {'utc': '2026-03-04T05:01:14.000Z', 'zone': 'assumed-utc'}},
        'detectors': DETECTORS, 'counts': [counts_of('PVT1', 'foreground', [1600], 4)],
        'spectra': [], 'doseRates': [], 'alarms': [], 'faults': [], 'nuclides': []}]},
})

# ---- Nothing marked: a background of yesterday evening and one measurement of today are no occupancy of 23.5 hours ----
root = document()
detectors(root)
for number, (start, counts) in enumerate([('2026-03-03T05:31:10Z', 1000), ('2026-03-04T05:01:06Z', 1600)]):
    node = measurement(root, number, 'NotSpecified', start, 4)
    gross(node, 'PVT1', 4, counts)
derived = add(root, 'DerivedData', id='D1')
add(derived, 'MeasurementClassCode', 'Foreground')
add(derived, 'StartDateTime', '2026-03-04T05:01:06Z')
add(derived, 'RealTimeDuration', 'PT4S')
gross(derived, 'He1', 4, 3)
spectrum = add(derived, 'Spectrum', id='S1', radDetectorInformationReference='NaI1')
add(spectrum, 'LiveTimeDuration', 'PT3.5S')
add(spectrum, 'ChannelData', '1 0 3 5')
SUM = {'id': 'S1', 'detector': 'NaI1', 'class': 'foreground', 'start': at('2026-03-04T05:01:06Z', '2026-03-04T05:01:06Z'),
       'liveSeconds': 3.5, 'realSeconds': 4, 'channels': 4, 'counts': 9, 'data': [1, 0, 3, 5]}
unmarked = {
    'groupKey': 'unmarked', 'completeness': 'incomplete', 'warnings': ['NII_W_FIELD_MALFORMED', 'NII_W_TIME_ABSENT'],
    'record': {'/acquired/zone': 'unknown', '/radiation/0/occupancy': {'ended': True},
               '/radiation/0/counts': [counts_of('PVT1', 'unspecified', [1000, 1600], 8),
                                       counts_of('He1', 'foreground', [3], 4)],
               '/radiation/0/spectra': [SUM]}}
case('nothing-marked', {'unmarked.n42': encoded(root)}, unmarked)
analysis = add(root, 'AnalysisResults')
alarm = add(analysis, 'RadAlarm')
add(alarm, 'RadAlarmDateTime', '2026-03-04T05:01:08Z')
add(alarm, 'RadAlarmCategoryCode', 'Gamma')
case('nothing-marked-but-an-alarm', {'unmarked.n42': encoded(root)}, {
    **unmarked, 'acquired': '2026-03-04T05:01:08Z', 'warnings': ['NII_W_FIELD_MALFORMED'],
    'record': {'/radiation/0/occupancy': {'ended': True, 'start': at('2026-03-04T05:01:08Z', '2026-03-04T05:01:08Z')}}})

# ---- The edition of 2006 ---------------------------------------------------------------------------------------
def spectrum_2006(source, start, real, live, values, status=''):
    return f'''<DetectorMeasurement Detector="Aa1" DetectorType="Gamma">{status}<SpectrumMeasurement>
<Spectrum Type="PHA" ID="S-{source}" CalibrationIDs="cal"><StartTime>{start}</StartTime><RealTime>PT{real}S</RealTime>
<LiveTime>PT{live}S</LiveTime><SourceType>{source}</SourceType>
<ChannelData Compression="CountedZeroes">{values}</ChannelData></Spectrum>
</SpectrumMeasurement></DetectorMeasurement>'''


def edition_2006(status=''):
    return f'''<N42InstrumentData xmlns="http://physics.nist.gov/Divisions/Div846/Gp4/ANSIN4242/2005/ANSIN4242">
<Measurement UUID="{DOCUMENT}"><InstrumentInformation><InstrumentType>Portal Monitor</InstrumentType>
<Manufacturer>Example Portals</Manufacturer><InstrumentModel>Gate 4</InstrumentModel><InstrumentID>RPM-0007</InstrumentID>
</InstrumentInformation><DetectorData>
<Calibration Type="Energy" ID="cal" EnergyUnits="keV"><Equation Model="Polynomial"><Coefficients>1.5 2.875</Coefficients></Equation></Calibration>
{spectrum_2006('Background', '2026-03-04T03:00:00-05:00', 60, 59.5, '4 5 0 2 6')}
{spectrum_2006('Item', '2026-03-04T05:01:10-05:00', 4, 3.5, '9 0 3 7', status)}
<DetectorMeasurement Detector="Na1" DetectorType="Neutron"><CountDoseData DetectorType="Neutron">
<StartTime>2026-03-04T05:01:10-05:00</StartTime><RealTime>PT4S</RealTime><SourceType>Item</SourceType><Counts>3</Counts></CountDoseData></DetectorMeasurement>
</DetectorData><AnalysisResults><NuclideAnalysis><Nuclide><NuclideName>K-40</NuclideName><NuclideType>NORM</NuclideType>
<NuclideIDConfidenceIndication>High</NuclideIDConfidenceIndication></Nuclide></NuclideAnalysis></AnalysisResults>
</Measurement></N42InstrumentData>'''


def sum_2006(identifier, phase, start, live, real, values):
    return {'id': identifier, 'detector': 'Aa1', 'class': phase, 'start': start, 'liveSeconds': live, 'realSeconds': real,
            'channels': len(values), 'counts': sum(values), 'calibration': {'coefficients': [1.5, 2.875]}, 'data': values}


begun = at('2026-03-04T05:01:10-05:00', '2026-03-04T10:01:10Z')
record = {
    'id': 'occupancy-1', 'documentId': DOCUMENT, 'instrument': {**INSTRUMENT, 'components': []},
    'occupancy': {'ended': True, 'start': begun, 'end': {'utc': '2026-03-04T10:01:14.000Z', 'zone': 'stated'}},
    'detectors': [{'id': 'Aa1', 'kind': 'gamma'}, {'id': 'Na1', 'kind': 'neutron'}],
    'counts': [{'detector': 'Na1', 'class': 'foreground', 'counts': 3, 'samples': 1, 'maximum': 3}],
    'spectra': [sum_2006('S-Background', 'background', at('2026-03-04T03:00:00-05:00', '2026-03-04T08:00:00Z'), 59.5, 60,
                         [4, 5, 0, 0, 6]),
                sum_2006('S-Item', 'foreground', begun, 3.5, 4, [9, 0, 0, 0, 7])],
    'doseRates': [], 'alarms': [], 'faults': [], 'nuclides': [{'name': 'K-40', 'category': 'NORM', 'confidenceText': 'High'}],
}
of_2006 = {'completeness': 'incomplete', 'acquired': '2026-03-04T10:01:10Z', 'warnings': []}
case('edition-2006', {'old.n42': edition_2006().encode()},
     {'groupKey': 'old', **of_2006, 'record': {'/source/format': 'n42-2006', '/radiation': [record]}})
status = '<DetectorStatus Detector="Aa1" Occupied="true" GammaAlarm="true" NeutronAlarm="false"/>'
event = f'<Event><EventNumber>12</EventNumber>{edition_2006(status)}</Event>'
case('event-around-2006', {'event.xml': event.encode()}, {'groupKey': 'event', **of_2006, 'record': {
    '/radiation': [{**record, 'alarms': [{'category': 'gamma', 'written': 'Gamma'}]}]}})

# ---- Refused ---------------------------------------------------------------------------------------------------
bomb = document()
node = measurement(bomb, 1, 'Foreground', '2026-03-04T05:01:10Z', 1)
spectrum = add(node, 'Spectrum')
add(spectrum, 'ChannelData', '1 0 4000000000 2', compressionCode='CountedZeroes')
case('billion-zeroes', {'bomb.n42': encoded(bomb)}, {'groupKey': 'bomb', 'refused': 'NII_LIMIT_EXPANSION'})
empty = '<N42InstrumentData xmlns="http://physics.nist.gov/Divisions/Div846/Gp4/ANSIN4242/2005/ANSIN4242"/>'
case('edition-2006-empty', {'old.n42': empty.encode()}, {'groupKey': 'old', 'refused': 'NII_MALFORMED'})
external = f'<!DOCTYPE RadInstrumentData SYSTEM "n42.dtd"><RadInstrumentData xmlns="{NS}"></RadInstrumentData>'
case('document-type', {'dtd.n42': external.encode()}, {'groupKey': 'dtd', 'refused': 'NII_MALFORMED'})
