"""The model's image of one channel by numpy alone: the second implementation that the tests compare with.
Reads a JSON list of cases from standard input, writes a JSON list of images."""
import json
import sys

import numpy as np


def fill(values, valid, open_beam):
    out = values.copy()
    rows, columns = values.shape
    for r, c in zip(*np.nonzero(~valid)):
        window = (slice(max(0, r - 1), r + 2), slice(max(0, c - 1), c + 2))
        around = values[window][valid[window]]
        out[r, c] = around.mean() if around.size else open_beam
    return out


def failed(values, valid, top):
    """Samples without counts of which at most one measured neighbour is dark, and two or more are bright."""
    rows, columns = values.shape
    bright = np.pad(valid & (values >= top / 64), 1)
    dark = np.pad(valid & (values < top / 64), 1)
    shifts = [(y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1)]
    count = lambda what: sum(what[y : y + rows, x : x + columns].astype(int) for y, x in shifts)
    return valid & (values == 0) & (count(dark) <= 1) & (count(bright) >= 2)


def fill_failed(values, valid, top):
    out = values.copy()
    bright = valid & (values >= top / 64)
    for r, c in zip(*np.nonzero(failed(values, valid, top))):
        window = (slice(max(0, r - 1), r + 2), slice(max(0, c - 1), c + 2))
        out[r, c] = values[window][bright[window]].mean()
    return out


def resample(image, length, axis):
    moved = np.moveaxis(image, axis, -1)
    n = moved.shape[-1]
    if length <= n:
        edges = np.linspace(0, n, length + 1)
        total = np.concatenate([np.zeros(moved.shape[:-1] + (1,)), np.cumsum(moved, -1)], -1)
        at = np.stack([np.interp(edges, np.arange(n + 1), line) for line in total.reshape(-1, n + 1)])
        out = np.diff(at, axis=-1) / (n / length)
    else:
        centres = (np.arange(length) + 0.5) * n / length - 0.5
        out = np.stack([np.interp(centres, np.arange(n), line) for line in moved.reshape(-1, n)])
    return np.moveaxis(out.reshape(moved.shape[:-1] + (length,)), -1, axis)


def image(case):
    stored = np.array(case["samples"], dtype=float).reshape(case["rows"], case["columns"])
    valid = stored != case.get("invalidValue")
    open_beam = case["openBeam"]
    if case["polarity"] == "high-is-opaque":
        stored, open_beam = 65535 - stored, 65535 - open_beam
    counts = np.where(valid, fill_failed(stored, valid, 65535), fill(stored, valid, open_beam))
    transmission = np.clip(counts / open_beam, 0, 1.2)
    if case["flipRows"]:
        transmission = np.flipud(transmission)
    transmission = np.rot90(transmission, case["rotate"] // 90)
    if case["flipColumns"]:
        transmission = np.fliplr(transmission)
    out = resample(resample(transmission, case["modelColumns"], 1), case["modelRows"], 0)
    if case["units"] == "log":
        out = -np.log(np.maximum(out, 1e-4))
    return (out * 2 - 0.25) / 0.5


print(json.dumps([image(case).ravel().tolist() for case in json.load(sys.stdin)]))
