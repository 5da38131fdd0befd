"""Writes fixtures/ of this converter: synthetic files, and what must come out of them.

The expected values come from what was written, not from the reader; those of pictures from Pillow.
Run: python3 fixtures.py
"""
import hashlib
import io
import json
import pathlib
import shutil

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).parent / 'fixtures'
ACCESSION = '20310304007777412154728'
rng = np.random.RandomState(60)


def jpeg(rows, columns):
    grey = np.clip(np.linspace(40, 220, rows * columns).reshape(rows, columns) + rng.normal(0, 4, (rows, columns)), 0, 255)
    out = io.BytesIO()
    Image.fromarray(grey.astype('u1')).save(out, 'JPEG', quality=90)
    return out.getvalue()


def manifest(files, attributes=None, counters=(-1, -1, 0, 0, 0), encoding='utf-8', created='2031-03-12T04:29:10Z'):
    given = {'Container2': '', 'Comments': 'LA', 'Container1': 'NIIU5957118', 'ANPR': '', 'NavisResp': '', **(attributes or {})}
    names = ('xraydone', 'inspectdone', 'inspectionsuspicious', 'searchdone', 'searchfound')
    body = ''.join(f'  <{name}>{value}</{name}>\n' for name, value in zip(names, counters))
    attribute = ''.join(f'    <attribute name="{name}">{value}</attribute>\n' for name, value in given.items())
    listed = ''.join(f'    <file type="{kind}">{name}</file>\n' for kind, name in files)
    return (f'<?xml version="1.0" encoding="{encoding}"?>\n<manifest>\n  <accession>{ACCESSION}</accession>\n'
            f'  <system>P60_LANE1</system>\n  <createdate>{created}</createdate>\n'
            f'  <exportdate>2031-03-12T05:00:00Z</exportdate>\n{body}  <attributes>\n{attribute}  </attributes>\n'
            f'  <files>\n{listed}  </files>\n</manifest>\n').encode(encoding)


def picture(content):
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    return {'rows': pixels.shape[0], 'columns': pixels.shape[1], 'bits': 8, 'kind': 'display', 'sha256': None}


def case(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file_name, content in files.items():
        (folder / file_name).write_bytes(content)
    expected = {'groupKey': ACCESSION, **expected}
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1, sort_keys=True) + '\n')


shutil.rmtree(ROOT, ignore_errors=True)
xray, snapshot, blob = jpeg(24, 40), jpeg(8, 8), rng.bytes(64)
LISTED = [('XRAYJPEG', 'XRAY-001--Array-0000-xray.jpg'), ('SNAPSHOT', 'XRAY-002.jpg'), ('XRAY', 'XRAY-007--Array-0000.img'),
          ('SCANDOC', 'XRAY-008.pdf')]
EXPORTED = {'kind': 'other', 'type': 'export',
            'start': {'written': '2031-03-12T05:00:00Z', 'utc': '2031-03-12T05:00:00Z', 'zone': 'stated'}}
case('whole-export', {
    'manifest.xml': manifest(LISTED), LISTED[0][1]: xray, LISTED[1][1]: snapshot, LISTED[2][1]: blob,
    LISTED[3][1]: b'%PDF-1.4 synthetic',
}, {
    'completeness': 'preview-only', 'acquired': '2031-03-12T04:29:10Z', 'containers': [['NIIU5957118', 'valid']],
    'description': 'LA', 'plates': [], 'channels': {'main-picture': picture(xray)},
    'roles': {'manifest.xml': 'metadata', LISTED[0][1]: 'picture', LISTED[1][1]: 'snapshot', LISTED[2][1]: 'undecoded',
              LISTED[3][1]: 'document'},
    'warnings': ['NII_W_NOT_DECODED', 'NII_W_PREVIEW_ONLY', 'NII_W_LOSSY'],
    'record': {
        '/source/scannerId': 'P60_LANE1', '/source/lane': 'LANE1', '/history': [EXPORTED],
        '/acquired/zone': 'stated', '/vendor/manifest.xml/manifest/xraydone': '-1',
        '/vendor/fields/Comments': 'LA', '/vendor/fields/timesSearched': '0',
    },
})
case('manifest-alone', {'manifest.xml': manifest(LISTED[:3], {
    'Container1': 'NIIU5957118', 'Container2': 'CSQU3054383', 'ANPR': 'AB 123',
}, counters=(1, 1, 1, 1, 0))}, {
    'completeness': 'incomplete', 'acquired': '2031-03-12T04:29:10Z',
    'containers': [['NIIU5957118', 'valid'], ['CSQU3054383', 'valid']], 'plates': ['AB 123'], 'channels': {},
    'warnings': ['NII_W_CHANNEL_MISSING', 'NII_W_FILE_MISSING'],
    'record': {'/views': [], '/units/1/plates': ['AB 123'], '/history': [
        {'kind': 'acquisition', 'type': 'xraydone', 'system': 'P60_LANE1',
         'start': {'written': '2031-03-12T04:29:10Z', 'utc': '2031-03-12T04:29:10Z', 'zone': 'stated'}},
        {'kind': 'analysis', 'type': 'inspectdone', 'verdict': 'suspicious'},
        {'kind': 'search', 'type': 'searchdone', 'verdict': 'nothing found'}, EXPORTED,
    ]},
})
second = jpeg(16, 20)
two = [('XRAYJPEG', 'b-xray.jpg'), ('XRAYJPEG', 'a-xray.jpg')]
case('two-pictures', {'manifest.xml': manifest(two, encoding='utf-16', created='yesterday'), 'a-xray.jpg': second, 'b-xray.jpg': xray}, {
    'completeness': 'preview-only', 'containers': [['NIIU5957118', 'valid']],
    'channels': {'main-picture': picture(second), 'main-2-picture': picture(xray)},
    'warnings': ['NII_W_PREVIEW_ONLY', 'NII_W_LOSSY', 'NII_W_TIME_MALFORMED'],
    'record': {'/acquired': {'written': 'yesterday', 'zone': 'unknown'}},
})
case('picture-still-written', {'manifest.xml': manifest(two[:1]), 'b-xray.jpg': xray[:300]}, {
    'completeness': 'incomplete', 'acquired': '2031-03-12T04:29:10Z', 'containers': [['NIIU5957118', 'valid']], 'channels': {},
    'warnings': ['NII_W_CHANNEL_INCOMPLETE'],
})
case('manifest-cut', {'manifest.xml': manifest(LISTED)[:700]}, {'groupKey': 'manifest', 'refused': 'NII_TRUNCATED'})
