"""Writes fixtures/ of this converter with NumPy itself, and what must come out. Run: python3 fixtures.py"""
import hashlib
import io
import json
import pathlib
import shutil

import numpy as np

ROOT = pathlib.Path(__file__).parent / 'fixtures'
rng = np.random.RandomState(60)
high = (60000 * np.exp(-rng.uniform(0.05, 3.5, (7, 11)))).astype('<u2')
low = (high * 0.9).astype('<u2')
high[2, 3] = 0
pair = np.dstack([high, low])


def npy(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def channel(array, kind):
    little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder('<')))
    return {'rows': array.shape[0], 'columns': array.shape[1], 'bits': array.dtype.itemsize * 8, 'kind': kind,
            'sha256': hashlib.sha256(little.tobytes()).hexdigest()}


def case(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1, sort_keys=True) + '\n')


SIDECAR = {
    'niiSidecar': '1.0',
    'channels': [
        {'id': 'high', 'kind': 'transmission', 'energy': 'high', 'nominalEnergyMev': 6, 'openBeam': 60000,
         'invalidValue': 0},
        {'id': 'low', 'kind': 'transmission', 'energy': 'low', 'nominalEnergyMev': 4, 'openBeam': 54000,
         'invalidValue': 0},
    ],
    'pixelPitchMm': {'row': 4.2, 'column': 4.2},
    'acquired': '2031-03-04T05:06:07+02:00',
    'containers': ['CSQU3054383'],
    'site': 'north', 'scanner': 'rail-1', 'purpose': 'operational',
}


def text(document):
    return json.dumps(document).encode()


shutil.rmtree(ROOT, ignore_errors=True)
case('sidecar', {'Dual.npy': npy(pair), 'Dual.json': text(SIDECAR)}, {
    'groupKey': 'dual', 'completeness': 'no-material', 'acquired': '2031-03-04T03:06:07Z',
    'containers': [['CSQU3054383', 'valid']],
    'channels': {'main-high': channel(high, 'transmission'), 'main-low': channel(low, 'transmission')},
    'roles': {'Dual.npy': 'image', 'Dual.json': 'sidecar'}, 'warnings': ['NII_W_INVALID_IS_OPAQUE'],
})
case('no-sidecar', {'bare.npy': npy(pair)}, {
    'groupKey': 'bare', 'completeness': 'incomplete', 'containers': [],
    'channels': {'main-ch0': channel(high, 'unknown'), 'main-ch1': channel(low, 'unknown')},
    'warnings': ['NII_W_CHANNEL_UNKNOWN', 'NII_W_PITCH_UNKNOWN'],
})
units = {**SIDECAR, 'units': [{'container': 'CSQU3054383', 'columns': {'from': 0, 'to': 5}},
                              {'container': 'MSCU6639871', 'columns': {'from': 5, 'to': 11}}]}
case('two-units', {'units.npy': npy(pair), 'units.json': text(units)}, {
    'groupKey': 'units', 'completeness': 'no-material',
    'containers': [['CSQU3054383', 'valid'], ['MSCU6639871', 'wrong-check-digit']],
    'channels': {'main-high': channel(high, 'transmission'), 'main-low': channel(low, 'transmission')},
    'warnings': ['NII_W_CONTAINER_CHECK_DIGIT', 'NII_W_INVALID_IS_OPAQUE'],
})
case('big-endian-fortran', {'f.npy': npy(np.asfortranarray(pair.astype('>u2')))}, {
    'groupKey': 'f', 'completeness': 'incomplete', 'containers': [],
    'channels': {'main-ch0': channel(high, 'unknown'), 'main-ch1': channel(low, 'unknown')},
    'warnings': ['NII_W_CHANNEL_UNKNOWN', 'NII_W_PITCH_UNKNOWN'],
})
floats = np.linspace(0, 1, 20).reshape(4, 5).astype('>f4')
case('big-endian-floats', {'float.npy': npy(floats)}, {
    'groupKey': 'float', 'completeness': 'incomplete', 'containers': [],
    'channels': {'main-ch0': channel(floats, 'unknown')},
    'warnings': ['NII_W_CHANNEL_UNKNOWN', 'NII_W_PITCH_UNKNOWN'],
})
wrong = {**SIDECAR, 'channels': SIDECAR['channels'][:1]}
case('sidecar-of-another-array', {'x.npy': npy(pair), 'x.json': text(wrong)},
     {'groupKey': 'x', 'refused': 'NII_MALFORMED'})
case('cut', {'cut.npy': npy(pair)[:200]}, {'groupKey': 'cut', 'incomplete': ['cut.npy'], 'refused': 'NII_TRUNCATED'})
case('sidecar-alone', {'late.json': text(SIDECAR)}, {'groupKey': 'late', 'refused': 'NII_TRUNCATED'})
case('objects', {'o.npy': npy(np.zeros(3, dtype=[('a', 'u2')]))},
     {'groupKey': 'o', 'refused': 'NII_UNSUPPORTED_VARIANT'})
