"""Writes fixtures/ of this converter: synthetic files, and what must come out of them.

The expected values come from the arrays that were written, not from the reader. Run: python3 fixtures.py
"""
import hashlib
import json
import pathlib
import shutil
import struct

import numpy as np

ROOT = pathlib.Path(__file__).parent / 'fixtures'
MAGIC = bytes.fromhex('a95241500d0a1a0a')
HEIGHT, WIDTH = 11, 7
rng = np.random.RandomState(25)


def plane():
    high = (60000 * np.exp(-rng.uniform(0.05, 3.5, (HEIGHT, WIDTH)))).astype('<u2')
    return np.stack([high, (high * 0.9).astype('<u2')], axis=-1)


def chunk(tag, data):
    return tag + struct.pack('<i', len(data)) + data


def dims(planes=1, pixel=4):
    return chunk(b'DIMS', struct.pack('<6i', pixel, WIDTH, HEIGHT, planes, 16, 0))


def channels(planes):
    return {f"main{'' if i == 0 else f'-{i + 1}'}-{name}": {
        'rows': HEIGHT, 'columns': WIDTH, 'bits': 16, 'kind': 'transmission',
        'sha256': hashlib.sha256(np.ascontiguousarray(one[..., k]).tobytes()).hexdigest(),
    } for i, one in enumerate(planes) for k, name in enumerate(['high', 'low'])}


def case(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file_name, content in files.items():
        (folder / file_name).write_bytes(content)
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1, sort_keys=True) + '\n')


def scan(planes, warnings=(), record=None):
    return {'groupKey': 'scan', 'completeness': 'no-material', 'containers': [], 'channels': channels(planes),
            'warnings': ['NII_W_PITCH_UNKNOWN', *warnings], 'record': {
                '/source/manufacturer': 'Rapiscan', '/source/model': 'Eagle A25',
                '/views/0/display': {'flipRows': False, 'rotate': 270, 'flipColumns': True},
                '/vendor/fields/nominalDepth': 16, '/vendor/fields/planes': len(planes), **(record or {})}}


shutil.rmtree(ROOT, ignore_errors=True)
one, two = plane(), plane()
case('one-plane', {'scan.cargoimage': MAGIC + dims() + chunk(b'XRAY', one.tobytes())}, scan([one]))
case('two-planes', {'scan.cargoimage': MAGIC + dims(2) + chunk(b'XRAY', one.tobytes() + two.tobytes())}, scan([one, two]))
notes = b'operator note'
case('unknown-chunks', {
    'scan.cargoimage': MAGIC + chunk(b'NOTE', notes) + dims() + chunk(b'XRAY', one.tobytes()) + chunk(b'BULK', bytes(300)),
}, scan([one], record={
    '/vendor/chunks/0': {'tag': 'NOTE', 'at': 16, 'bytes': len(notes), 'hex': notes.hex()},
    '/vendor/chunks/1/tag': 'DIMS',
    '/vendor/chunks/3': {'tag': 'BULK', 'at': 16 + len(notes) + 8 + 24 + 8 + one.nbytes + 8, 'bytes': 300},
}))
case('bytes-behind-the-image', {'scan.cargoimage': MAGIC + dims() + chunk(b'XRAY', one.tobytes() + bytes(6))},
     scan([one], ['NII_W_TRAILING_BYTES']))
case('cut', {'scan.cargoimage': (MAGIC + dims() + chunk(b'XRAY', one.tobytes()))[:-20]},
     {'groupKey': 'scan', 'refused': 'NII_TRUNCATED'})
case('no-dimensions', {'scan.cargoimage': MAGIC + chunk(b'XRAY', one.tobytes())},
     {'groupKey': 'scan', 'refused': 'NII_TRUNCATED'})
case('three-bytes-a-pixel', {'scan.cargoimage': MAGIC + dims(pixel=3) + chunk(b'XRAY', one.tobytes())},
     {'groupKey': 'scan', 'refused': 'NII_UNSUPPORTED_VARIANT'})
