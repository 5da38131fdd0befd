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

# ---- Refused ---------------------------------------------------------------------------------------------------
bomb = document()
node = measurement(bomb, 1, 'Foreground', '2026-03-04T05:01:10Z', 1)
spectrum = add(node, 'Spectrum')
add(spectrum, 'ChannelData', '1 0 4000000000 2', compressionCode='CountedZeroes')
case('billion-zeroes', {'bomb.n42': encoded(bomb)}, {'groupKey': 'bomb', 'refused': 'NII_LIMIT_EXPANSION'})
old = '<N42InstrumentData xmlns="http://physics.nist.gov/Divisions/Div846/Gp4/ANSIN4242/2005/ANSIN4242"/>'
case('edition-2006', {'old.n42': old.encode()}, {'groupKey': 'old', 'refused': 'NII_UNSUPPORTED_VARIANT'})
external = f'<!DOCTYPE RadInstrumentData SYSTEM "n42.dtd"><RadInstrumentData xmlns="{NS}"></RadInstrumentData>'
case('document-type', {'dtd.n42': external.encode()}, {'groupKey': 'dtd', 'refused': 'NII_MALFORMED'})
