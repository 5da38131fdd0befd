"""Averages the weights of several trainings that began with the same ones.

  average.py DATA OUT.pt WEIGHTS.pt WEIGHTS.pt... [--shares 0.5 0.5]
What one training forgot while it learnt other loads, another one still knows, and the mean keeps much of both (Wortsman
et al., "Robust fine-tuning of zero-shot models" and "Model soups", 2022). Measure the mean before you use it: it may also be worse.
The statistics of the normalisation are not averaged. They are measured anew on crops of DATA, as train.py makes them.
Use files of your own alone: what PyTorch reads may contain a program.
"""
import argparse
import pathlib

import numpy as np
import torch

import train
from model import AnomalyNet


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('data', help='folder of pairs, as for train.py')
    parser.add_argument('out')
    parser.add_argument('weights', nargs='+', help='as train.py or this program writes them, of two trainings or more')
    parser.add_argument('--shares', type=float, nargs='+', help='of each in the mean; equal unless given')
    parser.add_argument('--batches', type=int, default=120, help='on which the statistics are measured')
    options = parser.parse_args()
    count = len(options.weights)
    shares = options.shares or [1 / count] * count
    if count < 2:
        parser.error('one file has no mean: name the weights of two trainings or more')
    if len(shares) != count or not all(share > 0 for share in shares) or abs(sum(shares) - 1) > 1e-6:
        parser.error(f'--shares takes a number above 0 for each of the {count} weights; together they are 1')
    if options.batches < 1:
        parser.error(f'--batches is {options.batches}: the statistics need at least one')
    out = pathlib.Path(options.out)
    if out.exists() or not out.parent.is_dir():
        parser.error(f'{out} is there already, or its folder is not: name a new file')
    for path in options.weights:
        if not pathlib.Path(path).is_file():
            parser.error(f'no weights at {path}: train.py writes some')
    scans = train.Scans(options.data)
    if not scans.scans:
        parser.error(f'no scans in {options.data}: make some with make-data.ts')
    part = out.with_suffix('.part')  # a run that is killed leaves no half of a file under the name of the whole
    torch.save(measured(mean_of(options.weights, shares), scans, options.batches), part)
    part.replace(out)


def mean_of(paths, shares):
    """Weights, each the mean of those of the files."""
    states = [weights_of(path) for path in paths]
    return {name: sum(share * state[name].float() for share, state in zip(shares, states))
            if value.is_floating_point() else value for name, value in states[0].items()}


def weights_of(path):
    """Of a training, its running mean; or weights alone."""
    saved = torch.load(path, map_location='cpu', weights_only=False)
    return saved.get('average', saved)


def measured(state, scans, batches):
    """The same weights with mean and variance of what comes to each normalisation, over so many batches."""
    network = AnomalyNet()
    network.load_state_dict(state)
    network.train()
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.reset_running_stats()
            layer.momentum = None  # the plain mean over all batches
    rng = np.random.default_rng(0)
    with torch.no_grad():
        for _ in range(batches):
            given = train.batch(rng, scans, [scans.pick(rng) for _ in range(train.PAIRS)])
            network.logits(given['images'], given['firstRow'], given['both'])
    return network.state_dict()


main()
