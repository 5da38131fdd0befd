#!/usr/bin/env python3
"""Writes scans, one for each seed, either all normal or all with something hidden. For tests alone, not for training.

  make_scans.py OUT FIRST_SEED COUNT normal|anomalous
Each scan is NAME.npy and one line in OUT/index-FIRST_SEED.jsonl; NAME is the seed. An anomalous scan also has
NAME.mask.npy. Use one folder for normal scans and another one for anomalous scans. Run the same command again after an
interruption: it makes what is not there. It uses one core. For more, run several with different seeds.
"""
import argparse
import json
import os
import pathlib
import sys
import time

if not __package__:  # run as a file: the package is in the folder above
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):  # before numpy is loaded
    os.environ[name] = '1'

import numpy as np

from unseen.scan import make_scan

REPORT_EVERY = 50


def parse_arguments():
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('out', type=pathlib.Path, help='folder for the scans; made if it does not exist')
    parser.add_argument('first_seed', type=int, help='seed of the first scan; the others follow it')
    parser.add_argument('count', type=int, help='number of scans')
    parser.add_argument('mode', choices=('normal', 'anomalous'), help='whether something is hidden in each scan')
    return parser.parse_args()


def read_finished_seeds(folder):
    """Seeds that have a whole line in an index; the line is written last."""
    finished = set()
    for index in folder.glob('index-*.jsonl'):
        with index.open() as lines:
            finished.update(json.loads(line)['seed'] for line in lines if line.endswith('\n'))
    return finished


def drop_partial_line(index):
    """Cuts off a last line that an interruption left without an end."""
    if index.exists():
        text = index.read_bytes()
        os.truncate(index, text.rfind(b'\n') + 1)


def write_scan(folder, index, seed, scan):
    """Writes the files of a scan, and its line of the index last."""
    np.save(folder / f'{seed}.npy', scan.image)
    if scan.mask is not None:
        np.save(folder / f'{seed}.mask.npy', scan.mask)
    record = {'name': str(seed), 'seed': seed, 'kind': scan.kind, 'cargo': scan.cargo, 'hold': scan.hold,
              'contrast': scan.contrast}
    index.write(json.dumps(record) + '\n')
    index.flush()


def main():
    """Makes the scans that are not there yet."""
    arguments = parse_arguments()
    folder = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    index_path = folder / f'index-{arguments.first_seed}.jsonl'
    drop_partial_line(index_path)
    finished = read_finished_seeds(folder)
    wanted = range(arguments.first_seed, arguments.first_seed + arguments.count)
    seeds = [seed for seed in wanted if seed not in finished]
    start = time.monotonic()
    with index_path.open('a') as index:
        for number, seed in enumerate(seeds, 1):
            write_scan(folder, index, seed, make_scan(seed, arguments.mode == 'anomalous'))
            if number % REPORT_EVERY == 0:
                rate = number / (time.monotonic() - start)
                print(f'{number} of {len(seeds)} scans, {rate:.1f} a second', file=sys.stderr)


if __name__ == '__main__':
    main()
