"""How high the map of an ordinary scan peaks depends on its load: on machines higher than on tobacco. It is taken out.

Four numbers say how restless the map of a scan is as a whole: quantiles of the highest logits of its cells (35 cm) with
something in the beam. A line through them foretells the highest peak of an ordinary scan, and another one how far off
that is. The map then says how far a place lies above the peak that such a scan has anyhow. Fitted on normal scans alone.
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

GOODS = 0.12  # -ln T of a cell with something in the beam
CELL = 8  # squares of the network in a cell
SHARES = (0.5, 0.7, 0.8, 0.9)
LEAST_SPREAD = 0.3
RIDGE = 1.0
ABSENT = -1e4  # below any logit


def restlessness(logits, transmission):
    """N x 4: quantiles over the cells with goods; over all cells where none has any."""
    highest = F.max_pool2d(logits, CELL).flatten(1)
    attenuation = -torch.log(transmission[:, :1].clamp(4e-4, 1.3))
    goods = (F.avg_pool2d(attenuation, 4 * CELL).flatten(1) > GOODS).float()
    goods = torch.where(goods.sum(1, keepdim=True) > 0, goods, torch.ones_like(goods))
    rising = torch.sort(highest * goods + ABSENT * (1 - goods), 1).values
    absent, last = (1 - goods).sum(1), goods.sum(1) - 1
    picks = [(absent + share * last).round().long() for share in SHARES]
    return torch.cat([rising.gather(1, pick[:, None]) for pick in picks], 1)


class Level(nn.Module):
    """Changes nothing before it is fitted."""

    def __init__(self):
        super().__init__()
        self.peak, self.spread = nn.Linear(len(SHARES), 1), nn.Linear(len(SHARES), 1)
        for line, constant in ((self.peak, 0.0), (self.spread, 1.0)):
            nn.init.zeros_(line.weight)
            nn.init.constant_(line.bias, constant)

    def forward(self, logits, transmission):
        facts = restlessness(logits, transmission)
        spread = self.spread(facts).clamp(min=LEAST_SPREAD)
        return (logits - self.peak(facts)[:, :, None, None]) / spread[:, :, None, None]


def line_through(facts, values):
    """(weights, constant) of the ridge regression of values on facts."""
    mean, spread = facts.mean(0), facts.std(0) + 1e-9
    scaled = np.c_[np.ones(len(facts)), (facts - mean) / spread]
    found = np.linalg.solve(scaled.T @ scaled + RIDGE * np.eye(scaled.shape[1]), scaled.T @ values)
    weights = found[1:] / spread
    return weights, found[0] - weights @ mean


def fit(network, transmissions):
    """Fits network.level to ordinary scans, each 1 x 2 x H x W."""
    facts, peaks = [], []
    network.eval()
    with torch.no_grad():
        for transmission in transmissions:
            logits = network.logits(transmission)
            facts.append(restlessness(logits, transmission)[0].numpy())
            peaks.append(float(F.avg_pool2d(logits, 3, 1, 1, count_include_pad=False).max()))
    facts, peaks = np.array(facts), np.array(peaks)
    weights, constant = line_through(facts, peaks)
    off = np.abs(peaks - facts @ weights - constant)
    state = network.level.state_dict()
    for name, (values, bias) in (('peak', (weights, constant)), ('spread', line_through(facts, off))):
        state[f'{name}.weight'] = torch.tensor(values, dtype=torch.float32)[None]
        state[f'{name}.bias'] = torch.tensor([bias], dtype=torch.float32)
    network.level.load_state_dict(state)
