"""Writes fixtures/ of this converter: forms with invented values, and what must come out of them.

The structure is that of the forms in the field; no value is. Expected values are those written. Run: python3 fixtures.py
"""
import hashlib
import io
import json
import pathlib
import shutil

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).parent / 'fixtures'
NAMESPACE = ' xmlns="dataforms.model.cargovision.smiths.com"'
SMOOTH = (np.add.outer(np.arange(24), np.arange(40)) * 4).astype('u1')


def jpeg(image, quality=85):
    out = io.BytesIO()
    Image.fromarray(image).save(out, 'JPEG', quality=quality)
    return out.getvalue()


PICTURE = jpeg(SMOOTH)
STAMP = jpeg(SMOOTH[::4, ::4])
SNAP = jpeg(np.dstack([SMOOTH, SMOOTH[::-1], SMOOTH])[:8, :8])


def element(name, *children, **attributes):
    inner = ''.join(children)
    given = ''.join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<{name}{given}>{inner}</{name}>' if inner else f'<{name}{given} />'


def container(number, ocr, corners=None):
    points = ''
    if corners is not None:
        for name, (x, y) in corners.items():
            place = ''.join(element(axis, f'{value:.15e}') for axis, value in zip('XYZ', (x, y, 0)))
            points += element(name, element('Point3D', place))
    return element('Container', element('ContainerId', number), points, element('OCR', str(ocr)))


def trailer(plate, *containers):
    return element('Trailer', element('PlateNumber', plate), element('OCR', '-1'), element('Containers', *containers))


def resource(kind, name, preview='false', deleted='false'):
    return element('Resource', name, Type=kind, IsLinked='false', IsPreview=preview, IsDeleted=deleted)


def operation(kind, start, end, *more, verdict='0', who=''):
    login = element('Login', who) + element('Workstation', 'WS01') if who else ''
    return element('Operation', element('Start', start), element('End', end), login, element('Site', '000900'),
                   ''.join(one for one in more if one.startswith('<System')),
                   element('Verdict', verdict, Value=verdict), element('Position', '0'), element('Marks'),
                   ''.join(one for one in more if not one.startswith('<System')), Type=str(kind))


def form(truck, date, vehicle_plate, trailers, operations, version='V01.07', namespace='', comments='', empty=0,
         begin='', training=0, updates=6):
    vehicle = element('Vehicle', element('PlateNumber', vehicle_plate), element('OCR', '-1'),
                      element('Trailers', *trailers), element('Driver'))
    return (f'<DataForm{namespace}>' + element('Version', version) + element('TruckId', truck) + element('State', '5')
            + element('Site', '000900') + element('Date', date) + element('InTraining', str(training))
            + element('AdminData', element('FileId'), element('Comments', comments), vehicle)
            + element('ProcessInstructions', element('EnergyLevel', Value='0'), element('ScanPosition', '0'),
                      element('Speed', '24'), element('IsContainerEmpty', str(empty)))
            + element('Operations', *operations) + begin + element('UpdateCount', str(updates)) + '</DataForm>')


def utf16(text):
    return b'\xff\xfe' + text.encode('utf-16-le')


def shown(data):
    read = np.array(Image.open(io.BytesIO(data)))
    return {'rows': read.shape[0], 'columns': read.shape[1], 'bits': 8, 'kind': 'display',
            'sha256': hashlib.sha256(read.tobytes()).hexdigest()}


def case(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1, sort_keys=True) + '\n')


def attached(name, kind, media, data):
    return {'name': name, 'kind': kind, 'mediaType': media, 'bytes': len(data),
            'sha256': hashlib.sha256(data).hexdigest()}


shutil.rmtree(ROOT, ignore_errors=True)

# V01.07 in UTF-16 without declaration, everything there: picture, stamp, undisclosed image, radiation.
truck = '20310304000000001A'
rad = utf16(form(truck, '2031-03-04T11:15:30.117Z', 'TEST001', [trailer('', container('CSQU3054383', 98),
                                                                   container('', -1))], [
    operation(1, '2031-03-04T11:15:11Z', '2031-03-04T11:15:25Z', element(
        'Resources', resource('ard', f'{truck}.Ntr'), resource('ard', f'{truck}.Rad'),
        resource('img', f'{truck}S.Img'), resource('img', f'{truck}S.jpg'),
        resource('img', f'{truck}S_stamp.jpg', preview='true')), verdict='2'),
    operation(3, '2031-03-04T11:15:31.710Z', '2031-03-04T11:16:47.470Z', who='OPERATOR'),
]))
NEUTRON, GAMMA, IMAGE = b'ntr made up', b'rad made up', bytes(range(64))
case('radiation-utf16', {
    f'{truck}.xml': rad, f'{truck}.Ntr': NEUTRON, f'{truck}.Rad': GAMMA, f'{truck}S.Img': IMAGE,
    f'{truck}S.jpg': PICTURE, f'{truck}S_stamp.jpg': STAMP,
}, {
    'groupKey': truck.lower(), 'completeness': 'preview-only', 'acquired': '2031-03-04T11:15:30.117Z',
    'containers': [['CSQU3054383', 'valid']], 'plates': ['TEST001'],
    'roles': {f'{truck}.xml': 'metadata', f'{truck}.Ntr': 'radiation', f'{truck}.Rad': 'radiation',
              f'{truck}S.Img': 'undecoded', f'{truck}S.jpg': 'picture', f'{truck}S_stamp.jpg': 'picture'},
    'warnings': ['NII_W_NOT_DECODED', 'NII_W_PITCH_UNKNOWN', 'NII_W_PREVIEW_ONLY'],
    'channels': {'main-display': shown(PICTURE)},
    'record': {
        '/source': {'format': 'smiths-dataform', 'manufacturer': 'Smiths Detection', 'site': '000900'},
        '/units/0/containers/0/source': 'ocr', '/units/0/containers/0/confidence': 98,
        '/history/0/kind': 'acquisition', '/history/0/verdict': '2', '/history/1/operator': 'OPERATOR',
        '/history/1/kind': 'analysis', '/reports/0/type': 'OPERATOR', '/reports/0/decision': 'UNKNOWN',
        '/reports/0/verdict': '0', '/reports/0/by': 'OPERATOR',
    },
})

# V01.07 in UTF-8, no declaration; two trailers, a misread plate, an unread number, operations in another order.
truck = '20310304000000002B'
two = form(truck, '2031-03-04T04:45:48.060Z', 'TEST+001', [
    trailer('TR-1', container('CSQU305438?', 55)), trailer('TR-2', container('MSKU6011672', -1))], [
    operation(3, '2031-03-04T04:47:20Z', '2031-03-04T04:47:59Z', who='SECOND'),
    operation(1, '2031-03-04T04:45:09Z', '2031-03-04T04:45:40Z', element(
        'Resources', resource('OCRsnap', f'{truck}_LEFT_ocr.jpg'), resource('snap', f'{truck}_LEFT_snap.jpg'),
        resource('snap', f'{truck}_OLD_snap.jpg', deleted='true'), resource('OCRxml', f'{truck}_ocr.xml'),
        resource('img', f'{truck}S.jpg'))),
], comments='two boxes', empty=1).encode()
OCR = b'<ocr><id>CSQU305438?</id></ocr>'
case('two-trailers-utf8', {
    f'{truck}.xml': two, f'{truck}_LEFT_ocr.jpg': SNAP, f'{truck}_LEFT_snap.jpg': SNAP + b'\0', f'{truck}_ocr.xml': OCR,
}, {
    'groupKey': truck.lower(), 'completeness': 'incomplete', 'acquired': '2031-03-04T04:45:48.060Z',
    'containers': [['CSQU305438?', 'unread-characters'], ['MSKU6011672', 'valid']],
    'plates': ['TEST+001', 'TR-1'], 'description': 'two boxes; Said to be empty', 'channels': {},
    'warnings': ['NII_W_CONTAINER_UNREAD', 'NII_W_FIELD_MALFORMED', 'NII_W_FILE_MISSING'],
    'record': {
        '/units/1/plates': ['TEST+001', 'TR-2'], '/units/1/containers/0/source': 'unknown',
        '/history/0/kind': 'acquisition', '/history/1/operator': 'SECOND',
        '/attachments/1': attached(f'{truck}_LEFT_ocr.jpg', 'ocr', 'image/jpeg', SNAP),
        '/vendor/resources/3': {'name': f'{truck}_ocr.xml', 'type': 'OCRxml', 'here': True},
        '/vendor/resources/2': {'name': f'{truck}_OLD_snap.jpg', 'type': 'snap', 'deleted': True, 'here': False},
        '/vendor/resources/4/here': False,
    },
})

# V01.20 with namespace and declaration: corner points in the picture, view, automatic recognitions, dual energy.
truck = '203103040000000033'
corners = {'TopLeft': (4, 2), 'TopRight': (36, 2), 'BottomLeft': (4, 20), 'BottomRight': (36.5, 20)}
atr = element('ATR_Results', element(
    'ATR', element('Status', 'Success'), element('Result', 'Info'),
    element('Comments', element('Label', element('Param', 'Nothing was found'), LabelType='A')),
    element('Version', '1.4'), ATRType='IRU'))
begin = element('BeginOfCargo', element('StartTime', '2031-03-07T03:19:23'), element(
    'ResourceTypes', element('ResourceType', Type='Tx', View='Side'), element('ResourceType', Type='OCR')), version='1.0')
newer = '<?xml version="1.0" encoding="utf-8"?>' + form(
    truck, '2031-03-07T06:19:23.200Z', 'TEST001', [trailer('TEST001', container('CSQU3054383', 99, corners))], [
        operation(1, '2031-03-07T06:19:23Z', '2031-03-07T06:19:56.683Z', element('System', 'HCVP'), element(
            'Resources', resource('rt', f'{truck}S_rt.png'), resource('dhe', f'{truck}S.DHE'),
            resource('img', f'{truck}S.jpg')), atr, verdict='2'),
        operation(14, '2031-03-07T06:19:23.573Z', '2031-03-07T06:20:09.300Z', who='OPERATOR'),
    ], version='V01.20', namespace=NAMESPACE, begin=begin)
RT = b'rt made up'
case('newer-with-namespace', {
    'export.xml': newer.encode(), f'{truck.lower()}s.jpg': PICTURE, f'{truck}S_rt.png': RT,
    f'{truck}S.DHE': IMAGE,
}, {
    'groupKey': truck, 'completeness': 'preview-only', 'acquired': '2031-03-07T06:19:23.200Z',
    'containers': [['CSQU3054383', 'valid']], 'plates': ['TEST001'],
    'roles': {'export.xml': 'metadata', f'{truck.lower()}s.jpg': 'picture', f'{truck}S_rt.png': 'attachment',
              f'{truck}S.DHE': 'undecoded'},
    'warnings': ['NII_W_NOT_DECODED', 'NII_W_PITCH_UNKNOWN', 'NII_W_PREVIEW_ONLY'],
    'channels': {'side-display': shown(PICTURE)},
    'record': {
        '/source/model': 'HCVP', '/views/0/name': 'Side', '/history/1/kind': 'other', '/history/1/type': '14',
        '/units/0/extent': {'view': 'side', 'axis': 'columns', 'from': 4, 'to': 37},
        '/reports/0/type': 'MACHINE', '/reports/0/by': 'IRU 1.4', '/reports/0/verdict': 'Info',
        '/reports/0/text': 'Status: Success; Nothing was found',
    },
})

# The form alone, of another exporter that names its containers otherwise; in training; corner points never set.
truck = '20310304000000004D'
alone = form(truck, '2031-03-04 04:45:48', '', [], [
    operation(1, '2031-03-04T04:45:09Z', 'never', verdict='2')], training=1).replace(
        '<Driver />', '<Driver /><ContainerID1>CSQU3054383</ContainerID1><attribute name="Container2">MSKU6011673</attribute>')
case('form-alone', {'form.xml': alone.encode()}, {
    'groupKey': truck.lower(), 'completeness': 'incomplete', 'acquired': '2031-03-04T04:45:48Z', 'channels': {},
    'containers': [['CSQU3054383', 'valid'], ['MSKU6011673', 'wrong-check-digit']],
    'warnings': ['NII_W_CONTAINER_CHECK_DIGIT', 'NII_W_TIME_MALFORMED', 'NII_W_TIME_ZONE'],
    'record': {'/purpose': 'training', '/views': [], '/history/0/end/zone': 'unknown'},
})

# A picture of the same stem that the form does not name, cut while it was being written.
truck = '20310304000000005E'
bare = form(truck, '2031-03-04T04:45:48Z', '', [trailer('', container('', -1))], [])
case('picture-still-written', {f'{truck}.xml': bare.encode(), f'{truck}S.jpg': PICTURE[:300]}, {
    'groupKey': truck.lower(), 'completeness': 'incomplete', 'containers': [], 'channels': {},
    'warnings': ['NII_W_CHANNEL_INCOMPLETE'],
    'roles': {f'{truck}.xml': 'metadata', f'{truck}S.jpg': 'picture'},
})
case('form-still-written', {'cut.xml': newer.encode()[:900]}, {'groupKey': 'cut', 'refused': 'NII_TRUNCATED'})
