"""Reads what make-data.ts wrote."""
import json
import pathlib

import numpy as np

SCALE = 50_000
MULTIPLE = 32


def padded(scan):
    """Air below and to the right, to multiples of 32, as at inference."""
    _, rows, columns = scan.shape
    below, right = -rows % MULTIPLE, -columns % MULTIPLE
    return np.pad(scan, ((0, 0), (0, below), (0, right)), constant_values=SCALE)


def records(folder):
    """Of each scan that is whole. One that was stopped and made again, or made twice at once, has two lines in an index."""
    folder = pathlib.Path(folder)
    lines = [json.loads(line) for index in sorted(folder.glob('index-*.jsonl')) for line in index.open()]
    whole = [record for record in lines if (folder / f"{record['name']}.npy").exists()]
    return list({record['name']: record for record in whole}.values())


def load(folder, record):
    """uint16, 2 x rows x columns, padded; divide by SCALE for transmission."""
    return padded(np.load(pathlib.Path(folder) / f"{record['name']}.npy"))


def load_mask(folder, record):
    mask = np.load(pathlib.Path(folder) / f"{record['name']}.mask.npy")
    return np.pad(mask, ((0, -mask.shape[0] % MULTIPLE), (0, -mask.shape[1] % MULTIPLE)))


class Scan:
    """One scan, and the same one with something hidden in it, if it was made. Pages come from the disk as they are read."""

    def __init__(self, folder, record):
        self.path, self.name, self.hides = pathlib.Path(folder), record['name'], record['kind'] != 'none'

    def plain(self):
        return np.load(self.path / f'{self.name}.npy', mmap_mode='r')

    def changed(self):
        return np.load(self.path / f'{self.name}.with.npy', mmap_mode='r')

    def mask(self):
        return np.load(self.path / f'{self.name}.mask.npy', mmap_mode='r')
