"""Writes fixtures/ of this converter with Pillow, and what Pillow reads back. Run: python3 fixtures.py"""
import hashlib
import io
import json
import pathlib
import shutil

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).parent / 'fixtures'
smooth = (np.add.outer(np.arange(16), np.arange(24)) * 6).astype('u1')


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, 'JPEG', **options)
    return out.getvalue()


def channel(data):
    read = np.array(Image.open(io.BytesIO(data)))
    return {'rows': read.shape[0], 'columns': read.shape[1], 'bits': 8, 'kind': 'display',
            'sha256': hashlib.sha256(read.tobytes()).hexdigest()}


def case(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1, sort_keys=True) + '\n')


WARNINGS = ['NII_W_LOSSY', 'NII_W_PITCH_UNKNOWN', 'NII_W_PREVIEW_ONLY']
PREVIEW = {'completeness': 'preview-only', 'containers': [], 'warnings': WARNINGS}
grey = jpeg(Image.fromarray(smooth), quality=85)
colour = jpeg(Image.fromarray(np.dstack([smooth, smooth[::-1], smooth[:, ::-1]])), quality=85, subsampling=2)
progressive = jpeg(Image.fromarray(smooth), quality=85, progressive=True)

shutil.rmtree(ROOT, ignore_errors=True)
case('grey', {'Truck.jpg': grey}, {'groupKey': 'truck', 'channels': {'main-display': channel(grey)}, **PREVIEW})
case('colour', {'c.jpg': colour}, {'groupKey': 'c', 'channels': {'main-display': channel(colour)}, **PREVIEW})
case('progressive', {'p.jpg': progressive},
     {'groupKey': 'p', 'channels': {'main-display': channel(progressive)}, **PREVIEW})
described = json.dumps({
    'niiSidecar': '1.0', 'channels': [{'id': 'picture', 'kind': 'display'}], 'containers': ['CSQU3054383'],
    'acquired': '2031-03-04T05:06:07Z',
}).encode()
case('described', {'d.jpg': grey, 'd.json': described}, {
    **PREVIEW, 'groupKey': 'd', 'acquired': '2031-03-04T05:06:07Z', 'containers': [['CSQU3054383', 'valid']],
    'roles': {'d.jpg': 'image', 'd.json': 'sidecar'}, 'channels': {'main-picture': channel(grey)},
})
case('cut', {'cut.jpg': grey[:len(grey) * 2 // 3]}, {'groupKey': 'cut', 'refused': 'NII_TRUNCATED'})
cmyk = jpeg(Image.fromarray(smooth).convert('CMYK'))
case('four-inks', {'cmyk.jpg': cmyk}, {'groupKey': 'cmyk', 'refused': 'NII_UNSUPPORTED_VARIANT'})
