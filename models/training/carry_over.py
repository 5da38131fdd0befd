"""How well a model carries over to scans of a simulator that it was not trained on.

  carry_over.py NORMAL ANOMALOUS MODEL.onnx [--json]
NORMAL and ANOMALOUS are folders that unseen/make_scans.py filled. As in the service, the score of a scan is the highest
mean of 5 x 5 pixels of the map in the hold; the hold is the one that the simulator names. Prints the AUROC over all and
by kind, with 95 % intervals bootstrapped by scan, and the share detected at 5 % false alarms. The threshold of that is
fixed on the same ordinary scans, so it is a little too good.
"""
import argparse
import json
import pathlib

import numpy as np
import onnxruntime

import data

REPEATS = 1000
FALSE_ALARMS = 0.05
SIDE = 5


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
    figures = figures_of(*scores, np.array([record['kind'] for record in anomalous]))
    print(json.dumps(figures) if options.json else text_of(figures))


def records_of(parser, folder):
    """What the index of a folder lists. Ends with a message where it lists nothing, or no hold."""
    records = data.records(folder)
    if not records:
        parser.error(f'no scans in {folder}: make some with unseen/make_scans.py')
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


def figures_of(normal, anomalous, kinds):
    limit = np.quantile(normal, 1 - FALSE_ALARMS)
    return {
        'normal': len(normal), 'anomalous': len(anomalous), 'auroc': with_interval(normal, anomalous),
        'detected': round(float((anomalous > limit).mean()), 3),
        'kinds': {str(kind): with_interval(normal, anomalous[kinds == kind]) for kind in sorted(set(kinds))},
    }


def text_of(figures):
    line = lambda name, values: f'{name:14} {values[0]:.3f} ({values[1]:.3f} to {values[2]:.3f})'
    return '\n'.join([
        f"{figures['normal']} ordinary scans, {figures['anomalous']} in which something is hidden", '',
        line('AUROC, all', figures['auroc']), *(line(kind, values) for kind, values in figures['kinds'].items()), '',
        f"detected at 5 % false alarms: {figures['detected']:.0%}",
    ])


main()
