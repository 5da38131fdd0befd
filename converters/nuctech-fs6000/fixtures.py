"""Writes fixtures/ of this converter: synthetic image sets, and what must come out of them.

The expected values come from the arrays that were written, not from the reader. Run: python3 fixtures.py
"""
import hashlib
import io
import json
import pathlib
import shutil
import struct

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).parent / 'fixtures'
ROWS, COLUMNS = 10, 24
JPEG = bytes.fromhex('ffd8ffe000104a46494600010100000100010000ffd9')
rng = np.random.RandomState(6000)
high = (60000 * np.exp(-rng.uniform(0.05, 3.5, (ROWS, COLUMNS)))).astype('>u2')
low = (high * 0.9).astype('>u2')
material = rng.randint(0, 256, (ROWS, COLUMNS)).astype('u1')


def header(bits, when=(2031, 3, 4, 5, 6, 7), words=None):
    w = [100, COLUMNS, ROWS, 1, 1, 0xFFFF, 0, bits, 1, 0, 0, 0, *when]
    for index, value in (words or {}).items():
        w[index] = value
    return struct.pack('>18H', *w)


def image(array, **kw):
    return header(array.dtype.itemsize * 8, **kw) + array.tobytes()


def xml(container, extra='', declared='UTF-16'):
    return (f'<?xml version="1.0" encoding="{declared}"?>\n<IDR><IDR_IMAGE><UNITID>FS6000-07</UNITID>'
            f'<container_no>{container}</container_no><SCANTIME>2031-03-04 05:06:07</SCANTIME>'
            f'<OPERATORID>op1</OPERATORID>{extra}</IDR_IMAGE></IDR>')


def channel(array, kind):
    little = array.astype(array.dtype.newbyteorder('<'))
    return {'rows': ROWS, 'columns': COLUMNS, 'bits': array.dtype.itemsize * 8, 'kind': kind,
            'sha256': hashlib.sha256(little.tobytes()).hexdigest()}


ALL = {'main-high': channel(high, 'transmission'), 'main-low': channel(low, 'transmission'),
       'main-material': channel(material, 'class-map')}
USUAL = ['NII_W_PITCH_UNKNOWN', 'NII_W_TIME_ZONE']


def case(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1, sort_keys=True) + '\n')


def dual(stem):
    return {f'{stem}high.img': image(high), f'{stem}low.img': image(low)}


shutil.rmtree(ROOT, ignore_errors=True)

case('two-containers', {
    **dual('s1'), 's1material.img': image(material), 's1.jpg': JPEG, 's1_icon.jpg': JPEG + b' ',
    's1.xml': b'\xff\xfe' + xml('CSQU3054383,MSCU6639871').encode('utf-16-le'),
}, {
    'groupKey': 's1', 'completeness': 'full', 'acquired': '2031-03-04T05:06:07Z', 'channels': ALL,
    'containers': [['CSQU3054383', 'valid'], ['MSCU6639871', 'wrong-check-digit']],
    'roles': {'s1high.img': 'high', 's1low.img': 'low', 's1material.img': 'material', 's1.jpg': 'picture',
              's1_icon.jpg': 'icon', 's1.xml': 'metadata'},
    'warnings': sorted([*USUAL, 'NII_W_CONTAINER_CHECK_DIGIT']),
})

dirty = ('<IMGTYPE><?xml version="1.0"?><a><b></a></IMGTYPE><consignee>Brown & Sons</consignee>'
         '<name_vessel>AB1234CD</name_vessel><descripion_of_goods>nuts &amp; bolts</descripion_of_goods>')
case('no-material-dirty-xml', {
    **dual('S2'), 'S2.xml': xml('csqu 305438-3', dirty, declared='gb2312').encode('utf-16-le'),
}, {
    'groupKey': 's2', 'completeness': 'no-material', 'acquired': '2031-03-04T05:06:07Z',
    'channels': {k: v for k, v in ALL.items() if k != 'main-material'},
    'containers': [['CSQU3054383', 'valid']], 'description': 'nuts & bolts', 'plates': [],
    'warnings': sorted([*USUAL, 'NII_W_CHANNEL_MISSING', 'NII_W_ENCODING_WRONG', 'NII_W_XML_REPAIRED',
                        'NII_W_FIELD_SWAPPED']),
})

case('low-still-written', {
    's3high.img': image(high), 's3low.img': image(low)[:128], 's3material.img': image(material) + b'tail',
}, {
    'groupKey': 's3', 'completeness': 'incomplete', 'incomplete': ['s3low.img'], 'containers': [],
    'channels': {k: v for k, v in ALL.items() if k != 'main-low'},
    'warnings': sorted([*USUAL, 'NII_W_CHANNEL_INCOMPLETE', 'NII_W_TRAILING_BYTES']),
})

case('nothing-whole', {'s4high.img': image(high)[:100], 's4low.img': image(low)[:128]},
     {'groupKey': 's4', 'incomplete': ['s4high.img', 's4low.img'], 'refused': 'NII_TRUNCATED'})

case('material-alone-odd-header', {'s5Material.IMG': image(material, words={0: 101}, when=(2031, 2, 30, 0, 0, 0))}, {
    'groupKey': 's5', 'completeness': 'incomplete', 'containers': [],
    'channels': {'main-material': ALL['main-material']},
    'warnings': ['NII_W_CHANNEL_MISSING', 'NII_W_HEADER_CONSTANT', 'NII_W_PITCH_UNKNOWN', 'NII_W_TIME_MALFORMED'],
})

case('xml-still-written', {**dual('s6'), 's6.xml': b'\xff\xfe' + xml('CSQU3054383').encode('utf-16-le')[:90]}, {
    'groupKey': 's6', 'completeness': 'no-material', 'containers': [],
    'channels': {k: v for k, v in ALL.items() if k != 'main-material'},
    'warnings': sorted([*USUAL, 'NII_W_CHANNEL_MISSING', 'NII_W_FIELD_MALFORMED']),
})

case('nameless', {'unnamed.dat': image(high)}, {
    'groupKey': 'unnamed', 'completeness': 'incomplete', 'containers': [],
    'channels': {'main-ch0': channel(high, 'unknown')},
    'warnings': sorted([*USUAL, 'NII_W_CHANNEL_MISSING', 'NII_W_CHANNEL_UNKNOWN']),
})

forbidden = ('<!DOCTYPE IDR [<!ENTITY who "CSQU3054383">]><IDR><IDR_IMAGE><UNITID>FS6000-07</UNITID>'
             '<container_no>&who;</container_no></IDR_IMAGE></IDR>')
case('xml-with-document-type', {**dual('s7'), 's7.xml': forbidden.encode()}, {
    'groupKey': 's7', 'completeness': 'no-material', 'containers': [],
    'channels': {k: v for k, v in ALL.items() if k != 'main-material'},
    'roles': {'s7high.img': 'high', 's7low.img': 'low', 's7.xml': 'metadata'},
    'warnings': sorted([*USUAL, 'NII_W_CHANNEL_MISSING', 'NII_W_FIELD_MALFORMED']),
})

case('separated-names', {
    's8-high.img': image(high), 's8_Low.img': image(low), 's8 material.img': image(material),
    's8.xml': xml('CSQU3054383').encode('utf-16-le'), 's8.icon.jpg': JPEG,
}, {
    'groupKey': 's8', 'completeness': 'full', 'acquired': '2031-03-04T05:06:07Z', 'channels': ALL,
    'containers': [['CSQU3054383', 'valid']],
    'roles': {'s8-high.img': 'high', 's8_Low.img': 'low', 's8 material.img': 'material', 's8.xml': 'metadata',
              's8.icon.jpg': 'icon'},
    'warnings': USUAL,
})

rendered = io.BytesIO()
Image.fromarray((np.add.outer(np.arange(ROWS), np.arange(COLUMNS)) * 7).astype('u1')).save(rendered, 'JPEG', quality=90)
shown = np.asarray(Image.open(io.BytesIO(rendered.getvalue())))
case('ahead-of-the-channels', {
    's9.xml': b'\xff\xfe' + xml('CSQU3054383').encode('utf-16-le'), 's9.jpg': rendered.getvalue(),
}, {
    'groupKey': 's9', 'completeness': 'preview-only', 'acquired': '2031-03-04T05:06:07Z',
    'channels': {'main-display': channel(shown, 'display')}, 'containers': [['CSQU3054383', 'valid']],
    'roles': {'s9.xml': 'metadata', 's9.jpg': 'picture'},
    'warnings': sorted(['NII_W_CHANNEL_MISSING', 'NII_W_LOSSY', 'NII_W_PREVIEW_ONLY', 'NII_W_TIME_ZONE']),
})
