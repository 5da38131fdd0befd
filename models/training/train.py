"""Trains the network on normal scans.

  train.py DATA OUT.pt [--seconds 2100] [--wall 3600] [--single 0.2] [--start OTHER.pt] [--seed 7]
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

CROP = (192, 224)
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


def batch(rng, scans, single_share):
    """A share of the examples has one energy only, either of them: the same weights then serve such scanners."""
    parts, targets, weights, tops = zip(*(example(rng, scans) for _ in range(BATCH)))
    both = (rng.random(BATCH) >= single_share).astype(np.float32)
    parts = [part if pair or rng.random() < 0.5 else part[::-1] for part, pair in zip(parts, both)]
    stack = lambda arrays: torch.from_numpy(np.stack(arrays))
    column = lambda values: torch.tensor(np.asarray(values, np.float32))[:, None, None, None]
    return stack(parts), stack(targets)[:, None], stack(weights)[:, None], column(tops), column(both)


def loss_of(logits, targets, weights):
    """Anomalies are about one pixel in a hundred: they, the background and its worst pixels count alike."""
    pixel = F.binary_cross_entropy_with_logits(logits, targets, reduction='none').flatten(1)
    marked = (targets * weights).flatten(1)
    background = ((1 - targets) * weights).flatten(1)
    holds = (marked.sum(1) > 12).float()
    found = ((pixel * marked).sum(1) / marked.sum(1).clamp(min=1) * holds).sum() / holds.sum().clamp(min=1)
    quiet = (pixel * background).sum(1) / background.sum(1)
    worst = (pixel * background).topk(pixel.shape[1] // 200, 1).values.mean(1)
    return found + 2 * quiet.mean() + 0.2 * worst.mean(), holds


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
    parser.add_argument('--single', type=float, default=0.2, help='share of examples with one energy')
    parser.add_argument('--start')
    parser.add_argument('--seed', type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    scans = [data.load(options.data, record) for record in data.records(options.data)]
    network = AnomalyNet().to(memory_format=torch.channels_last)
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
        parts, targets, weights, tops, both = batch(rng, scans, options.single)
        with torch.autocast('cpu', dtype=torch.bfloat16):  # twice as fast on processors that have it
            logits = network.logits(parts.contiguous(memory_format=torch.channels_last), tops, both)
        loss, holds = loss_of(logits.float(), targets, weights)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 3.0)
        optimiser.step()
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        step += 1
        average.update(network, step)
        if step % 50 == 0:
            scores = score_of(torch.sigmoid(logits.float().detach() * (weights > 0)))
            print(f'{step} it. {done:.0%} loss {mean:.4f}', [f'{s:.2f}{"+" if h else "-"}' for s, h in zip(scores, holds)], flush=True)
            torch.save(average.state, options.out)
    torch.save(average.state, options.out)
    print(f'{len(scans)} scans, {step} iterations, {time.process_time() - begin:.0f} s, loss {mean:.4f}')


main()
