"""Writes fixtures/ of this converter: recordings of portal lines, and the occupancies that must come out of them.

The expected values come from the numbers that were written into the lines, not from the reader. Run: python3 fixtures.py
"""
import json
import pathlib
import shutil

import numpy as np

ROOT = pathlib.Path(__file__).parent / 'fixtures'
rng = np.random.RandomState(250)


def line(code, values, time=None):
    return ','.join([code, *(f'{value:06d}' if isinstance(value, int) else str(value) for value in values),
                     *([time] if time else [])])


def counts(mean):
    return [int(value) for value in rng.poisson(mean, 4)]


def sums(kind, phase, rows):
    return [{'detector': f'{kind}-{i + 1}', 'class': phase, 'counts': sum(row[i] for row in rows), 'samples': len(rows),
             'maximum': max(row[i] for row in rows)} for i in range(4)]


def detectors():
    return [{'id': f'{kind}-{i + 1}', 'kind': kind} for kind in ('gamma', 'neutron') for i in range(4)]


def occupancy(number, gamma, neutron, background, more=None, end=None, start=None, stop=None):
    record = {
        'id': f'occupancy-{number}', 'instrument': {'components': []},
        'occupancy': {'ended': end is not None, **(end or {}), **({'start': start} if start else {}),
                      **({'end': stop} if stop else {})},
        'detectors': detectors(),
        'counts': sums('gamma', 'foreground', gamma) + sums('neutron', 'foreground', neutron)
        + sums('gamma', 'background', [background[0]]) + sums('neutron', 'background', [background[1]]),
        'profile': [{'kind': kind, 'counts': [sum(row) for row in rows]}
                    for kind, rows in (('gamma', gamma), ('neutron', neutron)) if rows],
        'spectra': [], 'doseRates': [], 'alarms': [], 'faults': [], 'nuclides': [],
    }
    return {**record, **(more or {})}


def alarm(kind, rows, at=None):
    highest = max(max(row) for row in rows)
    return {'category': kind, 'written': {'gamma': 'GA', 'neutron': 'NA'}[kind],
            'description': f'{len(rows)} alarm lines, highest count of one detector {highest}', **({'at': at} if at else {})}


def case(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file_name, content in files.items():
        (folder / file_name).write_bytes(content)
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1, sort_keys=True) + '\n')


def text(lines, end='\r\n'):
    return ''.join(one + end for one in lines).encode('ascii')


shutil.rmtree(ROOT, ignore_errors=True)

# ---- Three occupancies without time: quiet, gamma and neutron alarm, cut off ------------------------------------
SET_UP = ['SG1,000120,000040,05,10,5.0,0', 'SG2,1111,00.20,04.00,4,00', 'SG3,000,00,00,0,0,0', 'SN1,25,005,05,04,0,0',
          'SN2,01,03,0.5,4.0,0,0']
background = [counts(250), counts(2)]
quiet = [counts(60) for _ in range(6)], [counts(1) for _ in range(2)]
loud = [counts(60), counts(300), counts(420), counts(70)], [counts(1), counts(9)]
later = [counts(240), counts(2)]
cut = [counts(61), counts(58)], [counts(1)]
lines = [*SET_UP, line('GB', counts(251)), line('GB', background[0]), line('NB', background[1]),
         *[line('GS', row) for row in quiet[0][:3]], *[line('NS', row) for row in quiet[1]],
         *[line('GS', row) for row in quiet[0][3:]], line('GX', [1206, 2250]), 'SP,0.2009,03.234,05.220,000000',
         line('GB', later[0]), line('NB', later[1]), 'TT,000000', 'TC,000000', line('GH', [900, 910, 905, 899]),
         'GS,12,x,14,15', line('GS', loud[0][0]), line('GA', loud[0][1]), line('GA', loud[0][2]),
         line('NS', loud[1][0]), line('NA', loud[1][1]), line('GS', loud[0][3]), 'operator note: stopped',
         line('GX', [1207, 2300]), line('GS', cut[0][0]), line('NS', cut[1][0]), line('GS', cut[0][1])]
records = [
    occupancy(1, *quiet, background, {'speedMetresPerSecond': 5.22 / 3.6}, {'number': 1206, 'neutronBackground': 2.25}),
    occupancy(2, *loud, later, {
        'alarms': [alarm('gamma', loud[0][1:3]), alarm('neutron', loud[1][1:])],
        'notMeasured': ['high-fault'],
        'faults': [{'kind': 'tamper', 'over': True}, {'kind': 'tamper-cleared'},
                   {'kind': 'high-background', 'radiation': 'gamma', 'description': 'counts 900, 910, 905, 899'}],
    }, {'number': 1207, 'neutronBackground': 2.3}),
    # no background line of these detectors came since: the fault still stands
    occupancy(3, *cut, later, {'notMeasured': ['high-fault'], 'faults': [
        {'kind': 'high-background', 'radiation': 'gamma', 'description': 'counts 900, 910, 905, 899'}]}),
]
SETTINGS = {one.split(',')[0]: one.split(',')[1:] for one in SET_UP}
case('three-occupancies', {'gate.csv': text(lines)}, {
    'groupKey': 'gate', 'roles': {'gate.csv': 'record'}, 'completeness': 'incomplete',
    'warnings': ['NII_W_LINE_UNREAD', 'NII_W_OCCUPANCY_OPEN', 'NII_W_TIME_ABSENT'],
    'record': {'/radiation': records, '/vendor/gate.csv/setUp': SETTINGS, '/vendor/gate.csv/lines': len(lines) - 2},
})

# ---- One occupancy whose lines carry a time ---------------------------------------------------------------------
TIMES = [f'2026-03-04T05:01:1{i}Z' for i in range(6)]


def at(i):
    return {'written': TIMES[i], 'utc': TIMES[i], 'zone': 'stated'}


timed = [counts(60), counts(350)], [counts(1)]
lines = [line('GB', background[0], TIMES[0]), line('NB', background[1], TIMES[0]), line('GS', timed[0][0], TIMES[1]),
         line('GA', timed[0][1], TIMES[2]), line('NS', timed[1][0], TIMES[3]), line('GX', [8, 1900], TIMES[4])]
case('with-times', {'timed.txt': text(lines, '\n')}, {
    'groupKey': 'timed', 'completeness': 'incomplete', 'acquired': TIMES[1], 'warnings': [],
    'record': {'/radiation': [occupancy(1, *timed, background, {'alarms': [alarm('gamma', timed[0][1:], at(2))]},
                                        {'number': 8, 'neutronBackground': 1.9}, at(1), at(4))]},
})

# ---- Nothing but background -------------------------------------------------------------------------------------
lines = [line('GB', background[0]), line('NB', background[1])]
case('background-alone', {'idle.txt': text(lines)}, {
    'groupKey': 'idle', 'completeness': 'incomplete', 'warnings': ['NII_W_TIME_ABSENT'],
    'record': {'/radiation/0/occupancy': {'ended': False}, '/radiation/0/alarms': [],
               '/radiation/0/counts': sums('gamma', 'background', [background[0]])
               + sums('neutron', 'background', [background[1]])},
})
