"""Writes fixtures/ of this converter: synthetic files, and what must come out of them.

The expected values come from the arrays that were written, not from the reader. Run: python3 fixtures.py
"""
import base64
import hashlib
import json
import pathlib
import shutil
import struct

import numpy as np

ROOT = pathlib.Path(__file__).parent / 'fixtures'
ROWS, COLUMNS = 9, 12
OPAQUE = bytes(range(48))
rng = np.random.RandomState(544)
high = (60000 * np.exp(-rng.uniform(0.05, 3.5, (ROWS, COLUMNS)))).astype('<u2')
low = (high * 0.9).astype('<u2')
material = np.where(rng.uniform(size=(ROWS, COLUMNS)) < 0.1, rng.randint(1, 999, (ROWS, COLUMNS)), 0).astype('<u2')


def metadata(container, encoding='utf-16-le'):
    value = base64.b64encode(container.encode(encoding)).decode()
    items = f'<Item><Value>{value}</Value><Name>ContainerInfo</Name></Item>'
    return f'<Metadata><Items>{items}</Items></Metadata>'.encode('utf-16-le')


def file(pixels, kind, tail):
    rows, columns = pixels.shape
    return struct.pack('<4sHHH6s', b'IM\0\0', columns, rows, kind, bytes([0, 0, 2, 0, 0, 0])) + pixels.tobytes() + tail


def channel(array, kind):
    return {'rows': ROWS, 'columns': COLUMNS, 'bits': 16, 'kind': kind,
            'sha256': hashlib.sha256(array.tobytes()).hexdigest()}


def case(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file_name, content in files.items():
        (folder / file_name).write_bytes(content)
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1, sort_keys=True) + '\n')


shutil.rmtree(ROOT, ignore_errors=True)
case('one-panel', {'one.ase': file(high, 2, OPAQUE + metadata('CSQU3054383'))}, {
    'groupKey': 'one', 'completeness': 'single-energy', 'containers': [['CSQU3054383', 'valid']],
    'channels': {'main-single': channel(high, 'transmission')}, 'warnings': ['NII_W_PITCH_UNKNOWN'],
})
case('three-panels', {'three.ase': file(np.hstack([low, high, material]), 3, OPAQUE + metadata('MSCU6639871', 'utf-8'))}, {
    'groupKey': 'three', 'completeness': 'full', 'containers': [['MSCU6639871', 'wrong-check-digit']],
    'channels': {'main-low': channel(low, 'transmission'), 'main-high': channel(high, 'transmission'),
                 'main-material': channel(material, 'class-map')},
    'warnings': ['NII_W_CONTAINER_CHECK_DIGIT', 'NII_W_PITCH_UNKNOWN'],
})
BINARY = bytes([0, 1, 2, 124, 65, 0, 66, 7])
case('binary-note', {'note.ase': file(high, 2, OPAQUE + metadata(BINARY.decode('latin-1'), 'latin-1'))}, {
    'groupKey': 'note', 'completeness': 'single-energy', 'containers': [],
    'channels': {'main-single': channel(high, 'transmission')},
    'warnings': ['NII_W_FIELD_MALFORMED', 'NII_W_PITCH_UNKNOWN'],
})
case('pixels-only', {'bare.bin': file(high, 2, b'')}, {
    'groupKey': 'bare', 'completeness': 'single-energy', 'containers': [],
    'channels': {'main-single': channel(high, 'transmission')},
    'warnings': ['NII_W_FIELD_MALFORMED', 'NII_W_PITCH_UNKNOWN'],
})
case('unknown-type', {'five.ase': file(high, 5, OPAQUE + metadata('CSQU3054383'))},
     {'groupKey': 'five', 'refused': 'NII_UNSUPPORTED_VARIANT'})
case('cut', {'cut.ase': file(high, 2, b'')[:100]},
     {'groupKey': 'cut', 'incomplete': ['cut.ase'], 'refused': 'NII_TRUNCATED'})
packed = struct.pack('<4sHHH6s', b'IM\0\0', 400, 300, 2, bytes([0, 0, 2, 0, 0, 0])) + rng.bytes(500) + OPAQUE
case('compressed', {'packed.ase': packed + metadata('CSQU3054383')},
     {'groupKey': 'packed', 'incomplete': ['packed.ase'], 'refused': 'NII_UNSUPPORTED_VARIANT'})
