"""Writes fixtures/ of this converter chunk by chunk and with Pillow, and what must come out. Run: python3 fixtures.py"""
import hashlib
import io
import json
import pathlib
import shutil
import struct
import zlib

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).parent / 'fixtures'
rng = np.random.RandomState(63)
high = (60000 * np.exp(-rng.uniform(0.05, 3.5, (9, 14)))).astype('u2')
grey = (high >> 8).astype('u1')
colour = np.dstack([grey, grey[::-1], grey[:, ::-1]])


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png(values, bits, colour_type, extra=b''):
    rows, columns = values.shape[:2]
    flat = values.reshape(rows, -1)
    if bits == 16:
        lines = [line.astype('>u2').tobytes() for line in flat]
    else:
        shifts = np.arange(bits - 1, -1, -1)
        lines = [np.packbits((line[:, None] >> shifts) & 1).tobytes() for line in flat]
    header = struct.pack('>IIBBBBB', columns, rows, bits, colour_type, 0, 0, 0)
    data = zlib.compress(b''.join(b'\0' + line for line in lines))
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + extra + chunk(b'IDAT', data) + chunk(b'IEND', b'')


def pillow(image, **options):
    out = io.BytesIO()
    image.save(out, 'PNG', **options)
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


def sidecar(channels, **more):
    return json.dumps({'niiSidecar': '1.0', 'channels': channels, **more}).encode()


PREVIEW = {'completeness': 'preview-only', 'containers': [], 'warnings': ['NII_W_PITCH_UNKNOWN', 'NII_W_PREVIEW_ONLY']}

shutil.rmtree(ROOT, ignore_errors=True)
managed = chunk(b'gAMA', struct.pack('>I', 45455)) + chunk(b'tEXt', b'Software\0Exporter 2')
case('sixteen-bits', {
    'Scan.png': png(high, 16, 0, managed),
    'Scan.json': sidecar([{'id': 'high', 'kind': 'transmission', 'energy': 'high'}], containers=['CSQU3054383'],
                         acquired='2031-03-04T05:06:07Z', pixelPitchMm={'row': 5, 'column': 4}),
}, {
    'groupKey': 'scan', 'completeness': 'single-energy', 'acquired': '2031-03-04T05:06:07Z',
    'containers': [['CSQU3054383', 'valid']], 'warnings': [], 'roles': {'Scan.png': 'image', 'Scan.json': 'sidecar'},
    'channels': {'main-high': channel(high, 'transmission')},
    'record': {'/vendor/Scan.png/tags': {'Software': 'Exporter 2'}},
})
case('sixteen-bits-bare', {'bare.png': png(high, 16, 0)}, {
    'groupKey': 'bare', 'completeness': 'incomplete', 'containers': [],
    'warnings': ['NII_W_CHANNEL_UNKNOWN', 'NII_W_PITCH_UNKNOWN'], 'channels': {'main-ch0': channel(high, 'unknown')},
})
case('eight-bits', {'grey.png': pillow(Image.fromarray(grey))},
     {'groupKey': 'grey', 'channels': {'main-display': channel(grey, 'display')}, **PREVIEW})
case('colour-and-alpha', {'rgba.png': pillow(Image.fromarray(np.dstack([colour, grey])))}, {
    'groupKey': 'rgba', **PREVIEW,
    'channels': {'main-display': channel(colour, 'display'), 'main-alpha': channel(grey, 'display')},
})
classes = rng.randint(0, 4, (9, 14)).astype('u1')
map_of = rng.randint(0, 256, 12).astype('u1')
indexed = png(classes, 2, 3, chunk(b'PLTE', map_of.tobytes()))
case('palette', {'p.png': indexed}, {
    'groupKey': 'p', **PREVIEW, 'channels': {'main-display': channel(map_of.reshape(-1, 3)[classes], 'display')},
})
case('palette-as-classes', {
    'kinds.png': indexed, 'kinds.json': sidecar([{'id': 'material', 'kind': 'class-map'}]),
}, {
    'groupKey': 'kinds', 'completeness': 'incomplete', 'containers': [], 'warnings': ['NII_W_PITCH_UNKNOWN'],
    'channels': {'main-material': channel(classes, 'class-map')},
})
case('cut', {'cut.png': png(high, 16, 0)[:120]}, {'groupKey': 'cut', 'refused': 'NII_TRUNCATED'})
huge = b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 50_000, 50_000, 8, 0, 0, 0, 0))
case('absurd-size', {'bomb.png': huge + chunk(b'IDAT', zlib.compress(bytes(64))) + chunk(b'IEND', b'')},
     {'groupKey': 'bomb', 'refused': 'NII_LIMIT_PIXELS'})
