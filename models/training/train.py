"""Trains the network on normal scans.

  train.py DATA OUT.pt [--seconds 2100] [--wall 3600] [--energies 1] [--start OTHER.pt] [--seed 7]
DATA is a folder that make-data.ts filled with normal scans. It ends after so many seconds of processor time, or by
the clock, whichever comes first. OUT.pt is written every 50 iterations: a running mean of the weights.
"""
import argparse
import time

import numpy as np
import torch
import torch.nn.functional as F

import data
from model import AnomalyNet, score_of
from project import disturb, project

CROP = (288, 256)
BATCH = 6
PEAK_RATE = 2.5e-3


def crop(rng, scan):
    """(transmission, first row) of a random part of a scan, mirrored half of the time."""
    _, rows, columns = scan.shape
    top = int(rng.integers(0, rows - CROP[0] + 1))
    left = int(rng.integers(0, columns - CROP[1] + 1))
    part = scan[:, top:top + CROP[0], left:left + CROP[1]].astype(np.float32) / data.SCALE
    return (part[:, :, ::-1] if rng.random() < 0.5 else part), top


def example(rng, scans):
    part, top = crop(rng, scans[int(rng.integers(len(scans)))])
    zeros = np.zeros(CROP, np.float32)
    if rng.random() < 0.35:
        return disturb(rng, part), zeros, zeros + 1, top
    changed, target, weight = project(rng, part, top)
    return disturb(rng, changed), target, weight, top


def batch(rng, scans, energies):
    parts, targets, weights, tops = zip(*(example(rng, scans) for _ in range(BATCH)))
    pick = [0, 1] if energies == 2 else [int(rng.integers(2))]
    stack = lambda arrays: torch.from_numpy(np.stack(arrays))
    return (stack(parts)[:, pick], stack(targets)[:, None], stack(weights)[:, None],
            torch.tensor(tops, dtype=torch.float32)[:, None, None, None])


def loss_of(logits, targets, weights):
    pixel = F.binary_cross_entropy_with_logits(logits, targets, reduction='none',
                                               pos_weight=torch.tensor(2.0))
    pixel = (pixel * weights).sum() / weights.sum()
    chance = torch.sigmoid(logits) * weights
    shared = (chance * targets).sum((1, 2, 3))
    overlap = (2 * shared + 20) / (chance.sum((1, 2, 3)) + targets.sum((1, 2, 3)) + 20)
    holds = (targets.sum((1, 2, 3)) > 12).float()
    score = score_of(chance).clamp(1e-5, 1 - 1e-5)
    return 3 * pixel + 0.5 * (1 - overlap).mean() + 0.3 * F.binary_cross_entropy(score, holds)


class RunningMean:
    """Exponential mean of weights and statistics: smoother than the last step, also early."""

    def __init__(self, network):
        self.state = {name: value.clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network, step):
        keep = min(0.995, (1 + step) / (10 + step))
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                self.state[name].mul_(keep).add_(value, alpha=1 - keep)
            else:
                self.state[name].copy_(value)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('data')
    parser.add_argument('out')
    parser.add_argument('--seconds', type=float, default=2100)
    parser.add_argument('--wall', type=float, default=3600)
    parser.add_argument('--energies', type=int, default=2, choices=[1, 2])
    parser.add_argument('--start')
    parser.add_argument('--seed', type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    scans = [data.load(options.data, record) for record in data.records(options.data)]
    network = AnomalyNet(options.energies).to(memory_format=torch.channels_last)
    if options.start:
        known = torch.load(options.start)
        own = network.state_dict()
        network.load_state_dict({name: known[name] if name in known and known[name].shape == value.shape else value
                                 for name, value in own.items()})
    optimiser = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=1e-3)
    average = RunningMean(network)
    begin, clock, step, mean = time.process_time(), time.monotonic(), 0, None
    progress = lambda: max((time.process_time() - begin) / options.seconds, (time.monotonic() - clock) / options.wall)
    while (done := progress()) < 1:
        rate = min(done / 0.05, 1) * (0.5 + 0.5 * np.cos(np.pi * max(0, done - 0.05) / 0.95)) + 0.01
        for group in optimiser.param_groups:
            group['lr'] = PEAK_RATE * rate
        parts, targets, weights, tops = batch(rng, scans, options.energies)
        with torch.autocast('cpu', dtype=torch.bfloat16):  # twice as fast on processors that have it
            logits = network.logits(parts.contiguous(memory_format=torch.channels_last), tops)
        loss = loss_of(logits.float(), targets, weights)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 3.0)
        optimiser.step()
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        step += 1
        average.update(network, step)
        if step % 50 == 0:
            print(f'{step} it. {done:.0%} loss {mean:.4f}', flush=True)
            torch.save(average.state, options.out)
    torch.save(average.state, options.out)
    print(f'{len(scans)} scans, {step} iterations, {time.process_time() - begin:.0f} s, loss {mean:.4f}')


main()
