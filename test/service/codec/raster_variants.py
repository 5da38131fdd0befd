"""Writes pictures of many variants into a folder, and what tifffile or Pillow reads back from each.

Prints JSON: name -> rows, columns, samples, dtype and SHA-256 of the samples as read, little-endian, by pixel.
"""
import hashlib
import io
import json
import pathlib
import struct
import sys
import zlib

import numpy as np
import tifffile
from PIL import Image

ROOT = pathlib.Path(sys.argv[1])
ROWS, COLUMNS = 37, 53
rng = np.random.RandomState(3)
found = {}


def note(name, samples):
    samples = np.ascontiguousarray(samples)
    little = samples.astype(samples.dtype.newbyteorder('<'))
    shape = samples.shape + (1,) * (3 - samples.ndim)
    found[name] = {'rows': shape[0], 'columns': shape[1], 'samples': shape[2], 'dtype': samples.dtype.name,
                   'sha256': hashlib.sha256(little.tobytes()).hexdigest()}


def array(kind):
    if kind[0] == 'f':
        return (rng.randn(ROWS, COLUMNS) * 1000).astype(kind)
    info = np.iinfo(kind)
    smooth = np.add.outer(np.arange(ROWS), np.arange(COLUMNS)) % 7
    noise = rng.randint(0, 2**32, (ROWS, COLUMNS), dtype='u8') * 2**20 % (int(info.max) - int(info.min))
    return (np.where(smooth < 4, smooth.astype('u8'), noise) + np.uint64(0)).astype(kind)


def tiff(name, pages, **options):
    path = ROOT / f'{name}.tif'
    tifffile.imwrite(path, pages, **options)
    if options.get('planarconfig') == 'separate':
        note(path.name, np.moveaxis(tifffile.imread(path), 0, -1))
    else:
        note(path.name, tifffile.imread(path))


for kind in ['u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'f4', 'f8', 'u8', 'i8']:
    grey = array(kind)
    tiff(f'grey-{kind}', grey)
    tiff(f'big-endian-{kind}', grey, byteorder='>')
    tiff(f'deflate-{kind}', grey, compression='zlib', rowsperstrip=5)
    tiff(f'tiles-{kind}', grey, tile=(16, 32), bigtiff=kind == 'u2')
    colour = np.stack([grey, grey[::-1], grey[:, ::-1]], -1)
    tiff(f'rgb-{kind}', colour, photometric='rgb')
    tiff(f'planes-{kind}', np.moveaxis(colour, -1, 0), photometric='rgb', planarconfig='separate', tile=(16, 16))
    if kind[1] in '124' and kind[0] != 'f':
        tiff(f'differences-{kind}', grey, compression='zlib', predictor=True, byteorder='>' if kind == 'u2' else '<')
tiff('min-is-white-u2', array('u2'), photometric='miniswhite')
tiff('big-tiff-u2', array('u2'), bigtiff=True, byteorder='>')
half = array('f2')
tifffile.imwrite(ROOT / 'half-floats.tif', half)
note('half-floats.tif', tifffile.imread(ROOT / 'half-floats.tif').astype('f4'))
tiff('rgb-and-alpha', np.dstack([array('u1')] * 4), photometric='rgb', extrasamples=['unassalpha'])
tiff('two-bands', np.dstack([array('u2'), array('u2')]), photometric='minisblack', planarconfig='contig')


def pillow(name, image, **options):
    path = ROOT / name
    image.save(path, **options)
    with Image.open(path) as read:
        note(name, np.array(read))


grey8, grey16 = Image.fromarray(array('u1')), Image.fromarray(array('u2'))
floats = Image.fromarray(array('f4'))
colour8 = Image.fromarray(np.dstack([array('u1')] * 3))
for compression in ['tiff_lzw', 'packbits', 'tiff_adobe_deflate']:
    pillow(f'{compression}-grey8.tif', grey8, compression=compression)
    pillow(f'{compression}-grey16.tif', grey16, compression=compression)
    pillow(f'{compression}-rgb8.tif', colour8, compression=compression)
pillow('lzw-floats.tif', floats, compression='tiff_lzw')
pillow('lzw-differences16.tif', grey16, compression='tiff_lzw', tiffinfo={317: 2})
pillow('lzw-float-predictor.tif', floats, compression='tiff_lzw', tiffinfo={317: 3})
pillow('jpeg-in-tiff.tif', grey8, compression='jpeg', quality=90)
long = Image.fromarray(rng.randint(0, 65536, (300, 400)).astype('u2'))
pillow('lzw-long.tif', long, compression='tiff_lzw')
flat = Image.fromarray(np.zeros((300, 400), 'u1'))
pillow('lzw-flat.tif', flat, compression='tiff_lzw')


def bilevel(name, bits, **options):
    image = Image.fromarray(bits.astype(bool))
    image.save(ROOT / name, **options)
    with Image.open(ROOT / name) as read:
        white = np.array(read).astype('u1')
    with tifffile.TiffFile(ROOT / name) as file:
        inverted = file.pages[0].photometric == 0
    note(name, 1 - white if inverted else white)


dots = rng.randint(0, 2, (ROWS, COLUMNS))
bilevel('bits.tif', dots)
bilevel('group4.tif', dots, compression='group4')
bilevel('group3.tif', dots, compression='group3')


def twelve(name):
    """12 bits packed, as written by hand: Pillow reads them."""
    values = rng.randint(0, 4096, (ROWS, COLUMNS)).astype('u2')
    bits = ((values[:, :, None] >> np.arange(11, -1, -1)) & 1).reshape(ROWS, -1)
    data = np.packbits(bits, axis=1).tobytes()
    entries = [(256, 4, COLUMNS), (257, 4, ROWS), (258, 3, 12), (259, 3, 1), (262, 3, 1), (273, 4, 8),
               (277, 3, 1), (278, 4, ROWS), (279, 4, len(data))]
    directory = struct.pack('<H', len(entries)) + b''.join(struct.pack('<HHII', t, k, 1, v) for t, k, v in entries)
    (ROOT / name).write_bytes(b'II*\0' + struct.pack('<I', 8 + len(data)) + data + directory + b'\0\0\0\0')
    with Image.open(ROOT / name) as read:
        note(name, np.array(read).astype('u2'))


twelve('twelve-bits.tif')

# PNG: the chunks are written here, so that every depth and colour type is there; Pillow reads most of them back.


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png(name, values, bits, colour_type, extra=b''):
    rows, columns = values.shape[:2]
    spread = values.reshape(rows, -1)
    if bits == 16:
        lines = spread.astype('>u2')
        lines = np.frombuffer(lines.tobytes(), 'u1').reshape(rows, -1)
    else:
        lines = np.packbits(((spread[:, :, None] >> np.arange(bits - 1, -1, -1)) & 1).reshape(rows, -1), axis=1)
    raw = b''.join(b'\0' + line.tobytes() for line in lines)
    header = struct.pack('>IIBBBBB', columns, rows, bits, colour_type, 0, 0, 0)
    (ROOT / name).write_bytes(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + extra
                              + chunk(b'IDAT', zlib.compress(raw)) + chunk(b'IEND', b''))
    note(name, values.astype('u2' if bits == 16 else 'u1'))


managed = chunk(b'gAMA', struct.pack('>I', 100000)) + chunk(b'sBIT', b'\5')
for bits in [1, 2, 4, 8, 16]:
    values = rng.randint(0, 2**bits, (ROWS, COLUMNS))
    png(f'grey-{bits}.png', values, bits, 0, managed + chunk(b'tRNS', b'\0\1'))
    if bits < 16:
        palette = rng.randint(0, 256, 3 * 2**bits).astype('u1').tobytes()
        png(f'palette-{bits}.png', values, bits, 3, chunk(b'PLTE', palette) + chunk(b'tRNS', b'\0\x80'))
for bits in [8, 16]:
    for colour_type, samples in [(2, 3), (4, 2), (6, 4)]:
        png(f'type-{colour_type}-{bits}.png', rng.randint(0, 2**bits, (ROWS, COLUMNS, samples)), bits, colour_type)
pillow('pillow-16.png', grey16)
pillow('pillow-rgb.png', colour8)

from PIL import ImageCms  # noqa: E402

profile = ImageCms.ImageCmsProfile(ImageCms.createProfile('LAB')).tobytes()
smooth = Image.fromarray((np.add.outer(np.arange(64), np.arange(80)) * 1.7 % 256).astype('u1'))
pillow('grey.jpg', smooth, quality=90)
pillow('colour.jpg', Image.merge('RGB', [smooth, smooth.transpose(Image.FLIP_LEFT_RIGHT), smooth]), quality=95,
       subsampling=0, icc_profile=profile)
pillow('subsampled.jpg', colour8, quality=80)
pillow('progressive.jpg', smooth, quality=80, progressive=True)
smooth.convert('CMYK').save(ROOT / 'cmyk.jpg')
grey8.save(ROOT / 'zstd.tif', compression='zstd')

print(json.dumps(found))
