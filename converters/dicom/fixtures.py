"""Writes fixtures/ of this converter with pydicom, and what must come out. Run: python3 fixtures.py"""
import hashlib
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


def tdr(scan, number):
    ds = base(TDR, scan, number, ExplicitVRLittleEndian)
    ds.Modality = 'TDR'
    return ds


def channel(array, kind):
    return {'rows': array.shape[0], 'columns': array.shape[1], 'bits': array.dtype.itemsize * 8, 'kind': kind,
            'sha256': hashlib.sha256(array.tobytes()).hexdigest()}


def case(name, files, expected):
    folder = ROOT / name
    folder.mkdir(parents=True)
    for file, ds in files.items():
        ds.save_as(folder / file, write_like_original=False)
    (folder / 'expected.json').write_text(json.dumps(expected, indent=1, sort_keys=True) + '\n')


shutil.rmtree(ROOT, ignore_errors=True)
both = {'view-1-high': channel(high, 'transmission'), 'view-1-low': channel(low, 'transmission')}
usual = {'completeness': 'no-material', 'acquired': '2031-03-04T04:06:07Z', 'channels': both,
         'containers': [['CSQU3054383', 'valid']], 'warnings': []}
case('two-energies-and-report', {
    'a.dcs': dx('1.2.3.1', 1, 'HIGH ENERGY', high, ExplicitVRLittleEndian),
    'b.dcs': dx('1.2.3.1', 2, 'LOW ENERGY', low, ImplicitVRLittleEndian),
    'c.dcs': tdr('1.2.3.1', 3),
}, {'groupKey': '1.2.3.1', **usual})
case('big-endian', {
    'a.dcs': dx('1.2.3.2', 1, 'HIGH ENERGY', high, ExplicitVRBigEndian),
    'b.dcs': dx('1.2.3.2', 2, 'LOW ENERGY', low, ExplicitVRBigEndian),
}, {'groupKey': '1.2.3.2', **usual})
case('report-alone', {'r.dcs': tdr('1.2.3.3', 1)}, {'groupKey': '1.2.3.3', 'refused': 'NII_UNSUPPORTED_VARIANT'})
picture = pixels(base(US, '1.2.3.4', 1, ExplicitVRLittleEndian), colour)
picture.Modality = 'US'
case('colour-picture-of-a-patient', {'us.dcm': picture}, {
    'groupKey': '1.2.3.4', 'completeness': 'preview-only', 'containers': [],
    'channels': {'view-5x4-picture': channel(colour, 'display')}, 'warnings': ['NII_W_PITCH_UNKNOWN'],
})
