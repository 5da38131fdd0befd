"""Writes fixtures/ of this converter, and what must come out. Run: python3 fixtures.py"""
import hashlib
import json
import pathlib
import shutil

import numpy as np

ROOT = pathlib.Path(__file__).parent / 'fixtures'


def channel(offset):
    samples = (50000 - offset * 500 + 31 * 2 + 7 * np.arange(12)).astype('<u2')
    return {'rows': 3, 'columns': 4, 'bits': 16, 'kind': 'transmission',
            'sha256': hashlib.sha256(samples.tobytes()).hexdigest()}


def case(name, order, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    (folder / f'{name}.fake').write_text('NIIFAKE1\n' + json.dumps(order))
    (folder / 'expected.json').write_text(json.dumps({'groupKey': name, **expected}, indent=1, sort_keys=True) + '\n')


shutil.rmtree(ROOT, ignore_errors=True)
size = {'rows': 3, 'columns': 4, 'seed': 2}
case('ok', {**size, 'containers': 'CSQU3054383', 'acquired': '2031-03-04T05:06:07Z'}, {
    'completeness': 'no-material', 'acquired': '2031-03-04T05:06:07Z', 'containers': [['CSQU3054383', 'valid']],
    'channels': {'main-high': channel(0), 'main-low': channel(1)}, 'warnings': [],
})
case('lie', {**size, 'behaviour': 'lie'}, {'refused': 'NII_CONVERTER_INCONSISTENT'})
case('throw', {**size, 'behaviour': 'throw'}, {'refused': 'NII_CONVERTER_CRASHED'})
