"""Makes pairs of simulated scans, for training alone: each scan without and with things hidden in it.

  python3 -m second.make_pairs OUT FIRST_SEED COUNT
For each seed writes OUT/<seed>.npy and OUT/<seed>.with.npy (uint16, 2 x rows x columns, transmission x 50000 at the
high and the low energy, 11 mm a pixel), OUT/<seed>.mask.npy (uint8, number of the hidden kind, 0 elsewhere) and a
line in OUT/index-<first seed>.jsonl. Skips seeds that are there already.
"""
import json
import os
import pathlib
import sys

import numpy as np

if __package__ in (None, ''):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from second.hidden import KINDS
from second.scene import make_pair
from second.view import PITCH

SCALE = 50_000
USAGE = 'usage: python3 -m second.make_pairs OUT FIRST_SEED COUNT (two whole numbers, 0 or more)'


def to_steps(transmission):
    return np.clip(np.rint(transmission * SCALE), 0, 65_535).astype('<u2')


def save(path, array):
    with open(path, 'wb') as file:
        np.save(file, np.ascontiguousarray(array))


def write_pair(out, index, seed, pair):
    """The seed's plain scan is renamed into place last: if it is there, the seed is complete."""
    save(out / f'{seed}.with.npy', to_steps(pair.changed))
    save(out / f'{seed}.mask.npy', pair.mask)
    save(out / f'{seed}.part', to_steps(pair.plain))
    kind = '+'.join(KINDS[number][0] for number in dict.fromkeys(pair.kinds))
    record = {'name': str(seed), 'seed': seed, 'kind': kind, 'pitchMm': int(PITCH), 'container': pair.container,
              'cargo': pair.cargo}
    with open(index, 'a') as file:
        file.write(json.dumps(record) + '\n')
    os.replace(out / f'{seed}.part', out / f'{seed}.npy')


def main(arguments):
    if arguments[:1] in (['--help'], ['-h']):
        sys.exit(print(__doc__))
    if len(arguments) != 3 or not (arguments[1].isdigit() and arguments[2].isdigit()):
        sys.exit(USAGE)
    out, first, count = pathlib.Path(arguments[0]), int(arguments[1]), int(arguments[2])
    out.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        seed = first + i
        if not (out / f'{seed}.npy').exists():
            write_pair(out, out / f'index-{first}.jsonl', seed, make_pair(seed))
        if (i + 1) % 50 == 0:
            print(f'{i + 1} of {count}', file=sys.stderr, flush=True)


if __name__ == '__main__':
    try:
        main(sys.argv[1:])
    except OSError as error:
        sys.exit(f'{error}: name a folder that can be written, with room for 5 MB a pair')
