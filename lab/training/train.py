"""Trains the network on normal scans, and on the same ones with something hidden in them.

  train.py DATA OUT.pt --minutes 60 [--start weights.pt] [--develop NORMAL ANOMALOUS] [--seed 7]
DATA is a folder that make-data.ts filled with pairs, or with normal scans alone. It ends after so many minutes of processor time. OUT.pt
holds everything that is needed to go on: run the same command again after an interruption. A line of the learning
curve goes to OUT.curve.jsonl every --every minutes: AUROC on the development scans, over all and by kind.
Uses a GPU where there is one; the same seed then gives another result than on a processor.
"""
import argparse
import json
import pathlib
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
import torch.nn.functional as F

import data
from model import AnomalyNet
from project import Scanner, clutter, hidden, project

CROP = (320, 448)
PAIRS = 3
HIDDEN = 0.65  # share of pairs in which the simulator hid something; into the others something is projected
MISSED = 0.1  # share of crops that may miss what is hidden
WARM_UP = 0.03
CELL = 4  # the network answers for squares of so many pixels
MARKED = 0.3  # share of such a square that belongs to something: a barrel is narrower than it
TOP = 3  # squares that stand for the maximum of the map
SINGLE = 0.25  # share of batches with one energy
ZOOM = 0.35  # share of crops at another pitch
STRETCH = 0.3  # share of crops whose columns are wider or narrower than they should be: speeds and geometries differ
OVERLAY = 0.25  # share of pairs with goods of another scan before or behind them
CLUTTER = 0.25  # share of pairs with many things that nobody hid, as in household goods


class Scans:
    """Scans to learn from; those on which the network sees something wrongly more often than others."""

    def __init__(self, folder):
        self.folder, self.scans, self.peaks, self.names = folder, [], np.zeros(0, np.float32), set()
        self.refresh()

    def refresh(self):
        """Takes in what make-data.ts has written since, so that training can begin before all is there."""
        new = [record for record in data.records(self.folder) if record['name'] not in self.names]
        self.names.update(record['name'] for record in new)
        self.scans += [data.Scan(self.folder, record) for record in new]
        self.peaks = np.concatenate([self.peaks, np.zeros(len(new), np.float32)])

    def pick(self, rng):
        few = rng.integers(len(self.scans), size=3 if rng.random() < 0.5 else 1)
        return int(few[np.argmax(self.peaks[few])])

    def saw(self, index, peak):
        self.peaks[index] = 0.7 * self.peaks[index] + 0.3 * peak


class Crop:
    """A random part of a scan, mirrored half of the time, perhaps at another pitch; what is hidden mostly lies in it."""

    def __init__(self, rng, shape, kinds=None):
        rows, columns = shape[-2:]
        self.zoom = rng.uniform(0.8, 1.3) if rng.random() < ZOOM else 1
        stretch = np.exp(rng.uniform(-0.25, 0.25)) if rng.random() < STRETCH else 1
        self.tall, self.wide = int(CROP[0] / self.zoom), int(CROP[1] / self.zoom / stretch)
        self.mirrored = rng.random() < 0.5
        self.top, self.left = (int(rng.integers(0, max(0, limit - side) + 1))
                               for side, limit in ((self.tall, rows), (self.wide, columns)))
        if kinds is not None and rng.random() > MISSED:
            marked = np.argwhere(kinds)
            row, column = marked[rng.integers(len(marked))]
            self.top = self.near(rng, row, self.tall, rows)
            self.left = self.near(rng, column, self.wide, columns)

    @staticmethod
    def near(rng, place, side, limit):
        return int(np.clip(place - rng.integers(side // 8, side - side // 8), 0, max(0, limit - side)))

    def of(self, scan):
        """Transmission; air where the crop reaches beyond the scan."""
        part = scan[:, self.top:self.top + self.tall, self.left:self.left + self.wide].astype(np.float32) / data.SCALE
        part = np.pad(part, ((0, 0), *self.beyond(part)), constant_values=1)
        if self.is_resized:
            part = F.interpolate(torch.from_numpy(part)[None], CROP, mode='bilinear', antialias=True)[0].numpy()
        return part[:, :, ::-1].copy() if self.mirrored else part

    def of_mask(self, mask):
        part = mask[self.top:self.top + self.tall, self.left:self.left + self.wide]
        part = np.pad(part, self.beyond(part))
        if self.is_resized:
            part = F.interpolate(torch.from_numpy(part)[None, None], CROP, mode='nearest')[0, 0].numpy()
        return part[:, ::-1] if self.mirrored else part

    @property
    def is_resized(self):
        return (self.tall, self.wide) != CROP

    def beyond(self, part):
        return (0, self.tall - part.shape[-2]), (0, self.wide - part.shape[-1])


def goods_between(rng, scans, top):
    """Transmission of a crop of any scan, of as many rows from the top, for a part of its depth."""
    other = scans.scans[int(rng.integers(len(scans.scans)))].plain()
    crop = Crop(rng, other.shape)
    crop.top = min(top, max(0, other.shape[1] - crop.tall))
    return crop.of(other).clip(1e-4) ** np.float32(rng.uniform(0.2, 0.9))


def other_things(rng, scans, part, top):
    """Transmission of what is before, behind and among the goods of a crop: of a share of pairs, else 1."""
    between = goods_between(rng, scans, top) if rng.random() < OVERLAY else np.float32(1)
    return between * clutter(rng, part * between, top) if rng.random() < CLUTTER else between


def pair(rng, scans, index):
    """The same crop without and with something hidden, as the same scanner reads both."""
    scan = scans.scans[index]
    plain = scan.plain()
    mask = scan.mask() if scan.hides and rng.random() < HIDDEN else None
    crop = Crop(rng, plain.shape, mask)
    part = crop.of(plain)
    others = other_things(rng, scans, part, crop.top)
    part = part * others
    if mask is None:
        changed, target, weight = project(rng, part, crop.top)
    else:
        changed = crop.of(scan.changed()) * others
        target, weight = hidden(part, changed, crop.of_mask(mask))
    scanner = Scanner(rng, *CROP)
    shift = rng.normal() * 25 if rng.random() < 0.8 else rng.uniform(-200, 200)  # geometries differ
    return scanner.read(part), scanner.read(changed), target, weight, crop.top + shift


def batch(rng, scans, chosen):
    """Normal halves first, then the changed ones; a share has one energy only, either of them."""
    plain, changed, targets, weights, tops = zip(*(pair(rng, scans, index) for index in chosen))
    if single := rng.random() < SINGLE:
        energy = int(rng.integers(2))
        only = lambda images: [np.repeat(image[energy:energy + 1], 2, 0) for image in images]
        plain, changed = only(plain), only(changed)
    zeros = [np.zeros(CROP, np.float32)] * PAIRS
    stack = lambda arrays: torch.from_numpy(np.stack(arrays))
    first_row = torch.tensor(np.asarray([*tops, *tops], np.float32))[:, None, None, None]
    return {
        'chosen': chosen,
        'images': stack([*plain, *changed]),
        'targets': stack([*zeros, *targets])[:, None],
        'weights': stack([*(zero + 1 for zero in zeros), *weights])[:, None],
        'firstRow': first_row,
        'both': 0.0 if single else 1.0,
    }


def peaks(logits, where):
    """Mean of the highest logits of each image, of the squares named."""
    return logits.masked_fill(~where, -30).flatten(1).topk(TOP, 1).values.mean(1)


def loss_of(logits, pixels, sure):
    """Squares (marked, background and the worst of it alike), overlap, and what decides about an image: its peaks."""
    share = F.avg_pool2d(pixels, CELL)
    targets = (share > MARKED).float()
    weights = ((F.avg_pool2d(sure, CELL) > 0.6) & ((share < 0.1) | (share > MARKED))).float()
    pixel = F.binary_cross_entropy_with_logits(logits, targets, reduction='none').flatten(1)
    marked = (targets * weights).flatten(1)
    background = ((1 - targets) * weights).flatten(1)
    holds = (marked.sum(1) > 1).float()
    some = holds.sum().clamp(min=1)
    found = ((pixel * marked).sum(1) / marked.sum(1).clamp(min=1) * holds).sum() / some
    quiet = (pixel * background).sum(1) / background.sum(1).clamp(min=1)
    worst = (pixel * background).topk(pixel.shape[1] // 200, 1).values.mean(1)
    likely = torch.sigmoid(logits).flatten(1) * weights.flatten(1)
    overlap = 1 - (2 * (likely * marked).sum(1) + 2) / (likely.sum(1) + marked.sum(1) + 2)
    dice = (overlap * holds).sum() / some
    near = F.max_pool2d(share, 3, 1, 1) > 0
    outside = peaks(logits, ~near & (weights > 0))
    inside = peaks(logits, (targets > 0) & (weights > 0))
    false_peaks = F.softplus(outside).mean()
    missed = (F.softplus(-inside) * holds).sum() / some
    half = len(outside) // 2
    apart = F.softplus(outside[:half, None] - inside[None, half:]) * holds[None, half:]
    order = apart.sum() / (half * some)
    total = found + 2 * quiet.mean() + 0.2 * worst.mean() + 0.3 * dice + 0.4 * (false_peaks + missed) + 0.4 * order
    return total, outside.detach()


class RunningMean:
    """Exponential mean of weights and statistics: smoother than the last step, also early."""

    def __init__(self, network):
        self.state = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network, step):
        keep = min(0.998, (1 + step) / (10 + step))
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                self.state[name].mul_(keep).add_(value, alpha=1 - keep)
            else:
                self.state[name].copy_(value)


def auroc(normal, anomalous):
    """Share of pairs in the right order; ties count half."""
    order = np.sort(normal)
    below = np.searchsorted(order, anomalous, 'left')
    upto = np.searchsorted(order, anomalous, 'right')
    return float((below + upto).mean() / (2 * len(order)))


class Development:
    """AUROC of whole scans, which nothing is decided by but when to stop and what to try next."""

    def __init__(self, normal, anomalous, device):
        self.device = device
        self.normal = [data.load(normal, record) for record in data.records(normal)]
        records = data.records(anomalous)
        self.anomalous = [data.load(anomalous, record) for record in records]
        self.kinds = np.array([record['kind'] for record in records])

    def curve(self, state):
        """Of both energies, and of one alone."""
        network = AnomalyNet()
        network.load_state_dict({name: value.cpu() for name, value in state.items()})
        network.to(self.device).eval()
        figures = self.figures(*self.scores(network))
        network.energies = 1
        return {**figures, 'single': self.figures(*self.scores(network))}

    def scores(self, network):
        """Of normal and of anomalous scans."""
        def score(scan):
            image = torch.from_numpy(scan.astype(np.float32)[None] / data.SCALE).to(self.device)
            return float(network(image)[1])
        with torch.no_grad():
            return [np.array([score(scan) for scan in scans]) for scans in (self.normal, self.anomalous)]

    def figures(self, normal, anomalous):
        by_kind = {str(kind): round(auroc(normal, anomalous[self.kinds == kind]), 3) for kind in sorted(set(self.kinds))}
        limit = np.quantile(normal, 0.95)
        return {'auroc': round(auroc(normal, anomalous), 4), 'detected': round(float((anomalous > limit).mean()), 3),
                'threshold': round(float(limit), 3), 'kinds': by_kind}


class Training:
    def __init__(self, options):
        self.options = options
        self.device = 'cuda' if torch.cuda.is_available() else 'cpu'
        self.out = pathlib.Path(options.out)
        self.rng = np.random.default_rng(options.seed)
        torch.manual_seed(options.seed)
        self.scans = Scans(options.data)
        self.network = AnomalyNet()
        self.seconds, self.step, self.mean = 0.0, 0, None
        if options.start and not self.out.exists():
            self.network.load_state_dict(torch.load(options.start, weights_only=True))
        self.network.to(self.device, memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=options.rate, weight_decay=1e-3)
        self.average = RunningMean(self.network)
        self.beside = ThreadPoolExecutor(1)
        if self.out.exists():
            self.resume()

    def resume(self):
        saved = torch.load(self.out, map_location=self.device, weights_only=False)
        self.network.load_state_dict({**self.network.state_dict(), **saved['network']})
        self.optimiser.load_state_dict(saved['optimiser'])
        self.average.state = saved['average']
        self.seconds, self.step, self.mean = saved['seconds'], saved['step'], saved['mean']
        self.rng.bit_generator.state = saved['rng']
        known = min(len(saved['peaks']), len(self.scans.peaks))
        self.scans.peaks[:known] = saved['peaks'][:known]

    def save(self):
        state = {'network': self.network.state_dict(), 'optimiser': self.optimiser.state_dict(),
                 'average': self.average.state, 'seconds': self.seconds, 'step': self.step, 'mean': self.mean,
                 'rng': self.rng.bit_generator.state, 'peaks': self.scans.peaks}
        part = self.out.with_suffix('.part')
        torch.save(state, part)
        part.replace(self.out)

    def rate(self):
        done = self.seconds / 60 / self.options.minutes
        return self.options.rate * (min(done / WARM_UP, 1) * (0.5 + 0.5 * np.cos(np.pi * min(1, done))) + 0.01)

    def begin_batch(self):
        """Of what is chosen now, made while the network learns from the one before."""
        chosen = [self.scans.pick(self.rng) for _ in range(PAIRS)]
        own = np.random.default_rng(self.rng.integers(2 ** 63))
        self.coming = self.beside.submit(batch, own, self.scans, chosen)

    def learn(self):
        began = time.process_time() if self.device == 'cpu' else time.monotonic()
        for group in self.optimiser.param_groups:
            group['lr'] = self.rate()
        given = self.coming.result()
        self.begin_batch()
        images = given['images'].to(self.device).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.options.bfloat16):
            logits = self.network.logits(images, given['firstRow'].to(self.device), given['both'])
        loss, outside = loss_of(logits.float(), given['targets'].to(self.device), given['weights'].to(self.device))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 3.0)
        self.optimiser.step()
        for index, peak in zip(given['chosen'], outside[:PAIRS].tolist()):
            self.scans.saw(index, peak)
        self.step += 1
        self.average.update(self.network, self.step)
        self.mean = loss.item() if self.mean is None else 0.99 * self.mean + 0.01 * loss.item()
        self.seconds += (time.process_time() if self.device == 'cpu' else time.monotonic()) - began

    def run(self):
        options = self.options
        development = Development(*options.develop, self.device) if options.develop else None
        self.begin_batch()
        due = self.seconds if self.step == 0 else self.seconds + options.every * 60
        while self.seconds < options.minutes * 60:
            if self.seconds >= due:
                due = self.seconds + options.every * 60
                self.report(development)
            self.learn()
        self.report(development)

    def report(self, development):
        self.save()
        self.scans.refresh()
        line = {'minutes': round(self.seconds / 60, 2), 'steps': self.step, 'scans': len(self.scans.scans),
                'loss': self.mean and round(self.mean, 4)}
        if development:
            line.update(development.curve(self.average.state))
        with self.out.with_suffix('.curve.jsonl').open('a') as file:
            file.write(json.dumps(line) + '\n')
        print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('data')
    parser.add_argument('out')
    parser.add_argument('--minutes', type=float, default=60)
    parser.add_argument('--every', type=float, default=5, help='minutes between points of the curve')
    parser.add_argument('--rate', type=float, default=7e-4, help='of learning, at its highest; falls to nothing')
    parser.add_argument('--start', help='weights, as weights.pt holds them')
    parser.add_argument('--develop', nargs=2, metavar=('NORMAL', 'ANOMALOUS'))
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--bfloat16', action='store_true', help='2.6 times as fast on processors with avx512_bf16')
    parser.add_argument('--seed', type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    Training(options).run()


if __name__ == '__main__':
    main()
