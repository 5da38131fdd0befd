"""Writes fixtures/ of this converter with tifffile and Pillow, and what must come out. Run: python3 fixtures.py"""
import hashlib
import io
import json
import pathlib
import shutil

import numpy as np
import tifffile
from PIL import Image

ROOT = pathlib.Path(__file__).parent / 'fixtures'
rng = np.random.RandomState(62)
high = (60000 * np.exp(-rng.uniform(0.05, 3.5, (9, 14)))).astype('u2')
low = (high * 0.9).astype('u2')
classes = rng.randint(0, 4, (9, 14)).astype('u1')


def tiff(pages, **options):
    out = io.BytesIO()
    with tifffile.TiffWriter(out, bigtiff=options.pop('bigtiff', False), byteorder=options.pop('byteorder', '<')) as to:
        for page in pages:
            to.write(page, metadata=None, software='', datetime=False, contiguous=False, **options)
    return out.getvalue()


def pillow(image, **options):
    out = io.BytesIO()
    image.save(out, 'TIFF', **options)
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


ENERGIES = [
    {'id': 'high', 'kind': 'transmission', 'energy': 'high', 'nominalEnergyMev': 6, 'openBeam': 60000},
    {'id': 'low', 'kind': 'transmission', 'energy': 'low', 'nominalEnergyMev': 4, 'openBeam': 54000},
]
UNKNOWN = ['NII_W_CHANNEL_UNKNOWN', 'NII_W_PITCH_UNKNOWN']

shutil.rmtree(ROOT, ignore_errors=True)
case('pages', {
    'Export-7.tif': tiff([high, low], compression='zlib', predictor=True, rowsperstrip=4),
    'Export-7.json': sidecar(ENERGIES, pixelPitchMm={'row': 4.2, 'column': 4.2},
                             acquired='2031-03-04T05:06:07+02:00', containers=['CSQU3054383'], site='north'),
}, {
    'groupKey': 'export-7', 'completeness': 'no-material', 'acquired': '2031-03-04T03:06:07Z',
    'containers': [['CSQU3054383', 'valid']], 'roles': {'Export-7.tif': 'image', 'Export-7.json': 'sidecar'},
    'warnings': [], 'channels': {'main-high': channel(high, 'transmission'), 'main-low': channel(low, 'transmission')},
    'record': {'/source/site': 'north', '/views/0/channels/0/openBeam': 60000,
               '/views/0/channels/1/pitch': {'rowMm': 4.2, 'columnMm': 4.2, 'source': 'sidecar'}},
})
case('samples-of-a-pixel', {
    'duo.tif': tiff([np.dstack([high, low])], photometric='minisblack', planarconfig='contig', tile=(16, 16),
                    byteorder='>', bigtiff=True),
    'duo.json': sidecar(ENERGIES),
}, {
    'groupKey': 'duo', 'completeness': 'no-material', 'containers': [], 'warnings': ['NII_W_PITCH_UNKNOWN'],
    'channels': {'main-high': channel(high, 'transmission'), 'main-low': channel(low, 'transmission')},
})
case('no-sidecar', {'bare.tif': tiff([high])}, {
    'groupKey': 'bare', 'completeness': 'incomplete', 'containers': [], 'warnings': UNKNOWN,
    'channels': {'main-ch0': channel(high, 'unknown')}, 'record': {'/acquired': {'zone': 'unknown'}},
})
wide = np.kron(high, np.ones((4, 4), 'u2'))
out = io.BytesIO()
with tifffile.TiffWriter(out) as writer:
    writer.write(wide, metadata=None, software='', compression='zlib')
    writer.write(wide[::2, ::2], metadata=None, software='', subfiletype=1, compression='zlib')
    writer.write(wide[::4, ::4], metadata=None, software='', compression='zlib')
case('pyramid', {'levels.tif': out.getvalue()}, {
    'groupKey': 'levels', 'completeness': 'incomplete', 'containers': [], 'warnings': UNKNOWN,
    'channels': {'main-ch0': channel(wide, 'unknown')},
})
floats = -np.log(np.maximum(high, 1) / np.float32(65535)).astype('f4')
signed = (high.astype('i4') - 32768).astype('i2')
case('float-lzw', {'ln.tif': pillow(Image.fromarray(floats), compression='tiff_lzw', tiffinfo={317: 3})}, {
    'groupKey': 'ln', 'completeness': 'incomplete', 'containers': [], 'warnings': UNKNOWN,
    'channels': {'main-ch0': channel(floats, 'unknown')},
})
case('signed', {'s.tif': tiff([signed], byteorder='>')}, {
    'groupKey': 's', 'completeness': 'incomplete', 'containers': [], 'warnings': UNKNOWN,
    'channels': {'main-ch0': channel(signed, 'unknown')},
})
turned = tiff([high], extratags=[(274, 3, 1, 6, True)])
case('turned', {'t.tif': turned, 't.xml': b'<export><lane>3</lane></export>'}, {
    'groupKey': 't', 'completeness': 'incomplete', 'containers': [], 'warnings': [*UNKNOWN, 'NII_W_FILE_UNUSED'],
    'channels': {'main-ch0': channel(high, 'unknown')},
    'record': {'/views/0/display': {'flipRows': False, 'rotate': 270, 'flipColumns': False},
               '/vendor/t.xml': {'lane': '3'}},
})
palette = Image.fromarray(classes, 'P')
palette.putpalette([0, 0, 0, 255, 128, 0, 0, 255, 0, 0, 0, 255])
legend = [{'from': 0, 'to': 0, 'label': 'air'}, {'from': 1, 'to': 3, 'label': 'cargo'}]
case('class-map', {
    'kinds.tif': pillow(palette, compression='packbits'),
    'kinds.json': sidecar([{'id': 'material', 'kind': 'class-map', 'legend': legend}]),
}, {
    'groupKey': 'kinds', 'completeness': 'incomplete', 'containers': [], 'warnings': ['NII_W_PITCH_UNKNOWN'],
    'channels': {'main-material': channel(classes, 'class-map')},
})
case('cut', {'cut.tif': tiff([high])[:150]}, {'groupKey': 'cut', 'refused': 'NII_TRUNCATED'})
bomb = bytearray(tiff([np.zeros((8, 8), 'u1')], compression='zlib'))
at = int.from_bytes(bomb[4:8], 'little')
for entry in range(int.from_bytes(bomb[at:at + 2], 'little')):
    where = at + 2 + entry * 12
    if int.from_bytes(bomb[where:where + 2], 'little') in (256, 257, 278):
        bomb[where + 2:where + 4] = (4).to_bytes(2, 'little')
        bomb[where + 8:where + 12] = (10_000).to_bytes(4, 'little')
case('absurd-size', {'bomb.tif': bytes(bomb)}, {'groupKey': 'bomb', 'refused': 'NII_LIMIT_PIXELS'})
case('sidecar-of-another', {
    'x.tif': tiff([high]), 'x.json': sidecar(ENERGIES),
}, {'groupKey': 'x', 'refused': 'NII_MALFORMED'})
