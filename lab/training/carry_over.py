"""How well a model carries over to scans of a simulator that it was not trained on.

  carry_over.py NORMAL ANOMALOUS MODEL.onnx [--json]
NORMAL and ANOMALOUS are folders that unseen/make_scans.py filled. As in the service, the score of a scan is the highest
mean of 5 x 5 pixels of the map in the hold; the hold is the one that the simulator names. Prints the AUROC over all, by
kind, and by whether goods are mixed, with 95 % intervals bootstrapped by scan, and the share detected at 5 % false
alarms. The threshold of that is fixed on the same ordinary scans, so it is a little too good. Beside an AUROC stands
that of an observer who knows the place and size of the thing, and of the load only how uneven it is, as in
`nii evaluate`: it tells what the model misses from what the load hides. Scans that were made before their index named
the contrast have none.
"""
import argparse
import json
import math
import pathlib

import numpy as np
import onnxruntime

import data

REPEATS = 1000
FALSE_ALARMS = 0.05
SIDE = 5
STEP = 3  # pixels between two places that an object is compared with
FEWEST_PLACES = 12


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('normal')
    parser.add_argument('anomalous')
    parser.add_argument('model', type=pathlib.Path)
    parser.add_argument('--json', action='store_true', help='the same as JSON')
    options = parser.parse_args()
    normal, anomalous = records_of(parser, options.normal), records_of(parser, options.anomalous)
    if not options.model.is_file():
        parser.error(f'no model at {options.model}: name the model.onnx of a package')
    one_thread = onnxruntime.SessionOptions()
    one_thread.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(options.model, one_thread, providers=['CPUExecutionProvider'])
    scores = [np.array([score(session, folder, record) for record in records])
              for folder, records in ((options.normal, normal), (options.anomalous, anomalous))]
    observer = np.array([observer_of(options.anomalous, record) for record in anomalous])
    figures = figures_of(*scores, np.array([record['kind'] for record in anomalous]), observer)
    figures['goods'] = by_goods(*scores, normal, anomalous)
    print(json.dumps(figures) if options.json else text_of(figures))


def records_of(parser, folder):
    """What the index of a folder lists. Ends with a message where it lists nothing, or no hold."""
    records = data.records(folder)
    if not records:
        parser.error(f'no scans in {folder}: make some with unseen/make_scans.py')
    folder = pathlib.Path(folder)
    if unmarked := [record['name'] for record in records
                    if record.get('contrast') and not (folder / f"{record['name']}.mask.npy").exists()]:
        parser.error(f'{folder} has no {unmarked[0]}.mask.npy: make its scans again with unseen/make_scans.py')
    if missing := [record['name'] for record in records if 'hold' not in record]:
        parser.error(f'the index of {folder} names no hold of scan {missing[0]}; scans of unseen/make_scans.py have one')
    return records


def score(session, folder, record):
    """Highest mean of SIDE x SIDE pixels of the map in the hold."""
    image = data.load(folder, record).astype(np.float32)[None] / data.SCALE
    energies = session.get_inputs()[0].shape[1]
    found = session.run(['anomaly_map'], {session.get_inputs()[0].name: image[:, :energies]})[0][0, 0]
    top, bottom, left, right = record['hold']
    sums = np.pad(found[top:bottom, left:right].astype(np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    squares = sums[SIDE:, SIDE:] - sums[:-SIDE, SIDE:] - sums[SIDE:, :-SIDE] + sums[:-SIDE, :-SIDE]
    return float(squares.max() / SIDE ** 2)


def observer_of(folder, record):
    """AUROC of the observer for this thing; nan where its contrast is not known, or the load has too few places of its size."""
    if record.get('contrast') is None:
        return math.nan
    transmission = data.load(folder, record)[0] / data.SCALE
    sums = np.pad(-np.log(transmission.clip(1e-4, 1.2)), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    mask = np.load(pathlib.Path(folder) / f"{record['name']}.mask.npy") > 0
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    thing = rows[0], columns[0], rows[-1] + 1, columns[-1] + 1
    by_itself = differences(sums, thing, record['hold'])
    if len(by_itself) < FEWEST_PLACES:
        return math.nan
    cover = mask[thing[0]:thing[2], thing[1]:thing[3]].mean()
    stands_out = record['contrast'] * cover / math.sqrt(by_itself.var() + 1e-12)
    return 0.5 * (1 + math.erf(stands_out / 2))


def differences(sums, thing, hold):
    """Of -ln T in rectangles of the size of the thing from that in a ring around them, all over the hold but where it is."""
    (top, left, bottom, right), (first, last, begin, end) = thing, hold
    high, wide = bottom - top, right - left
    tops, lefts = (grid.ravel() for grid in np.meshgrid(
        np.arange(first, last - high + 1, STEP), np.arange(begin, end - wide + 1, STEP), indexing='ij'))
    apart = (lefts + wide <= left) | (lefts >= right) | (tops + high <= top) | (tops >= bottom)
    tops, lefts = tops[apart], lefts[apart]
    rows, columns = sums.shape[0] - 1, sums.shape[1] - 1
    ring_top, ring_left = np.maximum(0, tops - -(-high // 2)), np.maximum(0, lefts - -(-wide // 2))
    ring_bottom = np.minimum(rows, tops + high + -(-high // 2))
    ring_right = np.minimum(columns, lefts + wide + -(-wide // 2))
    total = lambda top, left, bottom, right: sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    inner, area = total(tops, lefts, tops + high, lefts + wide), high * wide
    ring = (ring_bottom - ring_top) * (ring_right - ring_left) - area
    return inner / area - (total(ring_top, ring_left, ring_bottom, ring_right) - inner) / np.maximum(1, ring)


def auroc(normal, anomalous):
    """Share of pairs in the right order; ties count half."""
    order = np.sort(normal)
    places = np.searchsorted(order, anomalous, 'left') + np.searchsorted(order, anomalous, 'right')
    return float(places.mean() / (2 * len(order)))


def with_interval(normal, anomalous):
    """AUROC, and the 95 % interval of it when scans are drawn again."""
    rng = np.random.default_rng(0)
    again = [auroc(rng.choice(normal, len(normal)), rng.choice(anomalous, len(anomalous))) for _ in range(REPEATS)]
    return [round(value, 3) for value in (auroc(normal, anomalous), *np.quantile(again, [0.025, 0.975]).tolist())]


def figures_of(normal, anomalous, kinds, observer):
    known = lambda chosen: None if np.isnan(chosen).all() else round(float(np.nanmean(chosen)), 3)
    limit = np.quantile(normal, 1 - FALSE_ALARMS)
    return {
        'normal': len(normal), 'anomalous': len(anomalous), 'auroc': with_interval(normal, anomalous),
        'detected': round(float((anomalous > limit).mean()), 3),
        'kinds': {str(kind): with_interval(normal, anomalous[kinds == kind]) for kind in sorted(set(kinds))},
        'observer': {'all': known(observer), **{str(kind): known(observer[kinds == kind]) for kind in sorted(set(kinds))}},
    }


def by_goods(normal, anomalous, *records):
    """AUROC of loads of one kind of goods among themselves, and of several; a hold with nothing in it counts as one."""
    mixed = [np.array([len(record['cargo']) > 1 for record in of]) for of in records]
    parts = {'one kind': [~chosen for chosen in mixed], 'several kinds': mixed}
    return {name: with_interval(normal[chosen[0]], anomalous[chosen[1]]) for name, chosen in parts.items()
            if all(of.any() for of in chosen)}


def text_of(figures):
    bound = lambda name: 'unknown' if figures['observer'][name] is None else f"{figures['observer'][name]:.3f}"
    with_limits = lambda values: f'{values[0]:.3f} ({values[1]:.3f} to {values[2]:.3f})'
    line = lambda title, name, values: f'{title:14} {with_limits(values)}, observer {bound(name)}'
    return '\n'.join([
        f"{figures['normal']} ordinary scans, {figures['anomalous']} in which something is hidden", '',
        line('AUROC, all', 'all', figures['auroc']), *(line(kind, kind, values) for kind, values in figures['kinds'].items()), '',
        *(f'{goods} of goods: {with_limits(values)}' for goods, values in figures['goods'].items()), '',
        f"detected at 5 % false alarms: {figures['detected']:.0%}",
    ])


main()
