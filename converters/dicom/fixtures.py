"""Writes fixtures/ of this converter with pydicom, and what must come out. Run: python3 fixtures.py"""
import hashlib
import io
import json
import pathlib
import shutil

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

ROOT = pathlib.Path(__file__).parent / 'fixtures'
DX = '1.2.840.10008.5.1.4.1.1.501.2.2'
TDR = '1.2.840.10008.5.1.4.1.1.501.3'
US = '1.2.840.10008.5.1.4.1.1.6.1'
CT = '1.2.840.10008.5.1.4.1.1.2'
SR = '1.2.840.10008.5.1.4.1.1.88.22'
DICOS_CT = '1.2.840.10008.5.1.4.1.1.501.1'
AIT = '1.2.840.10008.5.1.4.1.1.501.4'
QUIRK, PITCH, UNKNOWN = 'NII_W_DICOM_QUIRK', 'NII_W_PITCH_UNKNOWN', 'NII_W_CHANNEL_UNKNOWN'
PER_FRAME = 'NII_W_RESCALE_PER_FRAME'
BITMAP = bytes(range(6))
rng = np.random.RandomState(20)
high = (60000 * np.exp(-rng.uniform(0.05, 3.5, (6, 9)))).astype('<u2')
low = (high * 0.9).astype('<u2')
colour = rng.randint(0, 256, (5, 4, 3)).astype('u1')


def base(sop_class, scan, number, syntax):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = f'{scan}.{number}'
    meta.TransferSyntaxUID = syntax
    ds = FileDataset('', {}, file_meta=meta, preamble=b'\0' * 128)
    ds.is_little_endian = syntax != ExplicitVRBigEndian
    ds.is_implicit_VR = syntax == ImplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, f'{scan}.{number}'
    ds.StudyInstanceUID, ds.SeriesInstanceUID = scan, f'{scan}.9.{number}'
    ds.StudyDate, ds.StudyTime, ds.TimezoneOffsetFromUTC = '20310304', '050607', '+0100'
    ds.PatientID, ds.InstanceNumber = 'CSQU3054383', number
    ds.Manufacturer = 'Example'
    return ds


def pixels(ds, array):
    ds.Rows, ds.Columns = array.shape[:2]
    ds.SamplesPerPixel = array.shape[2] if array.ndim == 3 else 1
    ds.PhotometricInterpretation = 'RGB' if array.ndim == 3 else 'MONOCHROME2'
    ds.BitsAllocated = ds.BitsStored = array.dtype.itemsize * 8
    ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, 0
    if array.ndim == 3:
        ds.PlanarConfiguration = 0
    stored = array if ds.is_little_endian else array.astype(array.dtype.newbyteorder('>'))
    ds.PixelData = stored.tobytes()
    ds['PixelData'].VR = 'OW' if array.dtype.itemsize == 2 else 'OB'
    return ds


def dx(scan, number, energy, array, syntax):
    ds = base(DX, scan, number, syntax)
    ds.Modality = 'XRAY'
    ds.ImageType = ['ORIGINAL', energy]
    ds.PresentationIntentType = 'FOR PROCESSING'
    ds.PixelIntensityRelationship, ds.PixelIntensityRelationshipSign = 'LIN', 1
    ds.KVP = '6000' if energy == 'HIGH ENERGY' else '4000'
    ds.add_new(0x40101042, 'CS', 'CARGO')
    ds.add_new(0x61000024, 'US', 1)
    ds.ImagerPixelSpacing = ['5', '4']
    return pixels(ds, array)


def tdr(scan, number, references=()):
    """A machine's report of one object in the images that it refers to; as SDICOS writes it, but for its UIDs."""
    ds = base(TDR, scan, number, ExplicitVRLittleEndian)
    ds.Modality = 'TDR'
    ds.ReferencedStudySequence = [reference(uid) for uid in references]
    for tag, vr, value in [(0x40101027, 'CS', 'MACHINE'), (0x40101029, 'LO', ['Example', '2.0']),
                           (0x40101031, 'CS', 'ALARM'), (0x4010102B, 'DT', '20310304050709+0100'),
                           (0x40101024, 'CS', 'SUCCESS'), (0x40101033, 'US', 1), (0x40101034, 'US', 1)]:
        ds.add_new(tag, vr, value)
    roi = item((0x40101004, 'FL', [1, 2, 0]), (0x40101005, 'FL', [3, 2, 1]), (0x40101006, 'OB', BITMAP))
    region = item((0x40101001, 'SQ', [roi]), (0x40101017, 'FL', 250.0), (0x40101018, 'FL', 1.5),
                  (0x40101019, 'FL', 7.5), (0x4010101D, 'FL', [1, 2, 0, 4, 4, 1]))
    region.ReferencedInstanceSequence = [reference(uid) for uid in references]
    judged = item((0x40101012, 'CS', 'ANOMALY'), (0x40101013, 'LT', 'dense block'), (0x40101014, 'CS', 'SHIELD'),
                  (0x40101015, 'CS', 'THREAT'), (0x40101016, 'FL', 0.75))
    threat = item((0x40101010, 'US', 7), (0x40101037, 'SQ', [region]), (0x40101038, 'SQ', [judged]))
    ds.add_new(0x40101011, 'SQ', [threat])
    return ds


def item(*elements):
    ds = Dataset()
    for tag, vr, value in elements:
        ds.add_new(tag, vr, value)
    return ds


def reference(uid):
    ds = Dataset()
    ds.ReferencedSOPClassUID, ds.ReferencedSOPInstanceUID = DX, uid
    return ds


def report(scan, number):
    """A structured report: a title, a text and a measure."""
    def code(meaning, value='1'):
        ds = Dataset()
        ds.CodeValue, ds.CodingSchemeDesignator, ds.CodeMeaning = value, '99TEST', meaning
        return ds
    text, measure, number_item = Dataset(), Dataset(), Dataset()
    text.RelationshipType, text.ValueType, text.TextValue = 'CONTAINS', 'TEXT', 'nothing odd'
    text.ConceptNameCodeSequence = [code('Remark')]
    number_item.NumericValue, number_item.MeasurementUnitsCodeSequence = '12.5', [code('mm')]
    measure.RelationshipType, measure.ValueType = 'CONTAINS', 'NUM'
    measure.ConceptNameCodeSequence, measure.MeasuredValueSequence = [code('Wall')], [number_item]
    ds = base(SR, scan, number, ImplicitVRLittleEndian)
    ds.Modality, ds.ValueType = 'SR', 'CONTAINER'
    ds.ConceptNameCodeSequence, ds.ContentSequence = [code('Inspection')], [text, measure]
    return ds


def grey(ds, array, stored=None, frames=None, signed=False):
    ds = pixels(ds, array[0] if frames else array)
    ds.BitsStored = stored or ds.BitsAllocated
    ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, int(signed)
    ds.PixelData = array.tobytes()
    if frames:
        ds.add_new(0x00280008, frames, array.shape[0])
    return ds


def elsewhere(ds, tag, vr):
    """Pixel Data moved to where DICOS V02A has it."""
    body = ds.PixelData
    del ds.PixelData
    ds.add_new(tag, vr, body)
    return ds


def encoded(ds):
    buffer = io.BytesIO()
    ds.save_as(buffer, write_like_original=False)
    return buffer.getvalue()


def meta_end(data):
    return 144 + int.from_bytes(data[140:144], 'little')


def without_reserved_bytes(data):
    header = bytes.fromhex('e07f12004f44')
    return data.replace(header + b'\0\0', header)


def channel(array, kind):
    return {'rows': array.shape[0], 'columns': array.shape[1], 'bits': array.dtype.itemsize * 8, 'kind': kind,
            'sha256': hashlib.sha256(array.tobytes()).hexdigest()}


def case(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file, ds in files.items():
        (folder / file).write_bytes(ds if isinstance(ds, bytes) else encoded(ds))
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1, sort_keys=True) + '\n')


shutil.rmtree(ROOT, ignore_errors=True)
both = {'view-1-high': channel(high, 'transmission'), 'view-1-low': channel(low, 'transmission')}
usual = {'completeness': 'no-material', 'acquired': '2031-03-04T04:06:07Z', 'channels': both,
         'containers': [['CSQU3054383', 'valid']], 'warnings': []}


def said(source, instance, references):
    """What `tdr` says, in the words of the record."""
    region = {'references': references, 'base': [1, 2, 0], 'extents': [3, 2, 1], 'polygon': [1, 2, 0, 4, 4, 1],
              'bitmapSha256': hashlib.sha256(BITMAP).hexdigest(), 'massGrams': 250, 'densityGramsPerCc': 1.5,
              'zeff': 7.5}
    return {'/reports/0/type': 'MACHINE', '/reports/0/decision': 'ALARM', '/reports/0/source': source,
            '/reports/0/by': 'Example 2.0', '/reports/0/at/utc': '2031-03-04T04:07:09Z',
            '/reports/0/sopInstanceUid': instance, '/reports/0/references': references,
            '/reports/0/objects': [{'id': 7, 'category': 'ANOMALY', 'description': 'dense block',
                                    'assessment': 'THREAT', 'probability': 0.75, 'regions': [region]}]}


case('two-energies-and-report', {
    'a.dcs': dx('1.2.3.1', 1, 'HIGH ENERGY', high, ExplicitVRLittleEndian),
    'b.dcs': dx('1.2.3.1', 2, 'LOW ENERGY', low, ImplicitVRLittleEndian),
    'c.dcs': tdr('1.2.3.1', 3, ['1.2.3.1.1', '1.2.3.1.2']),
}, {'groupKey': '1.2.3.1', **usual, 'record': said('c.dcs', '1.2.3.1.3', ['1.2.3.1.1', '1.2.3.1.2'])})
case('big-endian', {
    'a.dcs': dx('1.2.3.2', 1, 'HIGH ENERGY', high, ExplicitVRBigEndian),
    'b.dcs': dx('1.2.3.2', 2, 'LOW ENERGY', low, ExplicitVRBigEndian),
}, {'groupKey': '1.2.3.2', **usual})
nothing = {'completeness': 'incomplete', 'channels': {}, 'warnings': [], 'containers': [['CSQU3054383', 'valid']]}
case('report-alone', {'r.dcs': tdr('1.2.3.3', 1, ['1.2.3.1.1'])}, {
    'groupKey': '1.2.3.3', **nothing, 'record': said('r.dcs', '1.2.3.3.1', ['1.2.3.1.1']),
})
case('report-of-another-scan-uid', {
    'a.dcs': dx('1.2.3.5', 1, 'HIGH ENERGY', high, ExplicitVRLittleEndian),
    'b.dcs': dx('1.2.3.5', 2, 'LOW ENERGY', low, ExplicitVRLittleEndian),
    'r.dcs': tdr('1.2.3.6', 1, ['1.2.3.5.2']),
}, {'groupKey': '1.2.3.5', **usual, 'record': said('r.dcs', '1.2.3.6.1', ['1.2.3.5.2'])})
case('structured-report', {'r.dcm': report('1.2.3.7', 1)}, {
    'groupKey': '1.2.3.7', **{**nothing, 'containers': []},
    'record': {'/reports/0/type': 'STRUCTURED REPORT', '/reports/0/decision': 'UNKNOWN',
               '/reports/0/text': 'Inspection\n  Remark: nothing odd\n  Wall: 12.5 mm'},
})


def unknown(name, sop_class, modality, array, kind='unknown', warnings=(), key='image', change=lambda ds: ds,
            record=(), **more):
    """One file whose channel nothing explains; `change` gives the file its oddity."""
    number = 20 + len(list(ROOT.iterdir()))
    ds = base(sop_class, f'1.2.3.{number}', 1, ExplicitVRLittleEndian)
    ds.Modality, ds.PixelSpacing = modality, ['2', '2']
    frames = array.shape[0] if array.ndim == 3 else 1
    rows, columns = array.shape[-2:]
    codes = [*warnings, *([UNKNOWN] if kind == 'unknown' else [])]
    case(name, {'a.dcm': change(grey(ds, array, **more))}, {
        'groupKey': f'1.2.3.{number}', 'completeness': 'preview-only' if kind == 'display' else 'incomplete',
        'acquired': usual['acquired'], 'warnings': codes,
        'containers': usual['containers'] if '501' in sop_class else [],
        'channels': {f'view-{rows}x{columns}-{key}': {
            'rows': rows, 'columns': columns, 'bits': array.dtype.itemsize * 8, 'kind': kind,
            'sha256': hashlib.sha256(array.tobytes()).hexdigest()}},
        'record': {'/views/0/channels/0/frames': frames, '/views/0/channels/0/bitsStored': more.get('stored') or array.dtype.itemsize * 8,
                   **dict(record)},
    })


def palette(ds):
    ds.PhotometricInterpretation = 'PALETTE COLOR'
    for colour_, table in [('Red', [0, 255, 7, 9]), ('Green', [1, 128, 3, 4]), ('Blue', [2, 64, 5, 6])]:
        setattr(ds, f'{colour_}PaletteColorLookupTableDescriptor', [4, 0, 16])
        setattr(ds, f'{colour_}PaletteColorLookupTableData', np.array(table, '<u2').tobytes())
    return ds


def group(slope, intercept):
    """One item of functional groups: the scale of its frames, in Hounsfield units."""
    return item((0x00289145, 'SQ', [item((0x00281052, 'DS', intercept), (0x00281053, 'DS', slope),
                                         (0x00281054, 'LO', 'HU'))]))


def grouped(tag, *groups):
    """Puts functional groups into a file."""
    def change(ds):
        ds.add_new(tag, 'SQ', list(groups))
        return ds
    return change


volume = rng.randint(0, 60000, (3, 4, 5)).astype('<u2')
unknown('dicos-ct-frames-as-number', DICOS_CT, 'CT', volume, frames='US', warnings=[QUIRK])
unknown('ait-float-in-7fe0-0013', AIT + '.3', 'AIT', rng.uniform(0, 1, (4, 5)).astype('<f4'), warnings=[QUIRK],
        change=lambda ds: elsewhere(ds, 0x7FE00013, 'OF'))
unknown('ait-32-bits-in-7fe0-0011', AIT + '.1', 'AIT', rng.randint(0, 1 << 31, (4, 5)).astype('<u4'), warnings=[QUIRK],
        change=lambda ds: elsewhere(ds, 0x7FE00011, 'OL'))
unknown('64-bits-without-reserved-bytes', DX + '.2', 'XRAY', rng.randint(0, 1 << 40, (4, 5)).astype('<u8'),
        warnings=[QUIRK], change=lambda ds: without_reserved_bytes(encoded(elsewhere(ds, 0x7FE00012, 'OD'))))
unknown('12-of-16-bits', CT, 'CT', rng.randint(0, 4096, (4, 5)).astype('<u2'), stored=12)
unknown('palette', DX, 'XRAY', rng.randint(0, 4, (4, 6)).astype('u1'), kind='display', key='picture', change=palette)
unknown('no-preamble-no-meta', CT, 'CT', rng.randint(-99, 99, (4, 5)).astype('<i2'), signed=True, warnings=[QUIRK],
        change=lambda ds: encoded(ds)[meta_end(encoded(ds)):])
unknown('no-preamble', CT, 'CT', rng.randint(-99, 99, (4, 5)).astype('<i2'), signed=True, warnings=[QUIRK],
        change=lambda ds: encoded(ds)[132:])
stack = rng.randint(0, 4096, (2, 4, 5)).astype('<u2')
unknown('scale-of-all-frames', CT + '.1', 'CT', stack, frames='IS', change=grouped(0x52009229, group('0.5', '-1024')),
        record={'/views/0/channels/0/rescale': {'slope': 0.5, 'intercept': -1024, 'units': 'HU'}})
unknown('scale-of-each-frame', CT + '.1', 'CT', stack, frames='IS', warnings=[PER_FRAME],
        change=grouped(0x52009230, group('0.5', '-1024'), group('0.25', '-1024')))
picture = pixels(base(US, '1.2.3.4', 1, ExplicitVRLittleEndian), colour)
picture.Modality = 'US'
case('colour-picture-of-a-patient', {'us.dcm': picture}, {
    'groupKey': '1.2.3.4', 'completeness': 'preview-only', 'containers': [],
    'channels': {'view-5x4-picture': channel(colour, 'display')}, 'warnings': ['NII_W_PITCH_UNKNOWN'],
})
