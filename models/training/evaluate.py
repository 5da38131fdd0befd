"""Scores the model on fresh scans and writes what model.json and the card need.

  evaluate.py MODEL.onnx REPORT.json --threshold DIR --reference DIR --normal DIR --anomalous DIR [--energies 1]
Threshold and reference distribution come from normal scans that are used for nothing else; detection and false
alarms from others again. Uncertainty: Wilson intervals for rates, 1,000 bootstrap draws for AUROC, both 95 %.
"""
import argparse
import json

import numpy as np

import data


def wilson(hits, total, z=1.96):
    share, wide = hits / total, z * z / total
    middle = (share + wide / 2) / (1 + wide)
    half = z * np.sqrt(share * (1 - share) / total + wide / (4 * total)) / (1 + wide)
    return [round(middle - half, 3), round(middle + half, 3)]


def auroc(normal, anomalous):
    """Share of pairs in the right order; ties count half."""
    order = np.sort(normal)
    below = np.searchsorted(order, anomalous, 'left')
    upto = np.searchsorted(order, anomalous, 'right')
    return float((below + upto).mean() / (2 * len(order)))


def interval(normal, anomalous, draws=1000):
    rng = np.random.default_rng(1)
    values = [auroc(rng.choice(normal, len(normal)), rng.choice(anomalous, len(anomalous))) for _ in range(draws)]
    return [round(float(v), 3) for v in np.quantile(values, [0.025, 0.975])]


class Scorer:
    def __init__(self, model, energies):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'])
        self.energies = energies

    def run(self, scan):
        """(anomaly map, score)"""
        planes = scan[:self.energies].astype(np.float32)[None] / data.SCALE
        heat, score = self.session.run(None, {'input': planes})
        return heat[0, 0], float(score[0])

    def scores(self, folder, look=lambda record, heat: None):
        listed, scores = data.records(folder), []
        for record in listed:
            heat, score = self.run(data.load(folder, record))
            look(record, heat)
            scores.append(score)
        return listed, np.array(scores)


class Localisation:
    """How often the highest point of the map lies on the anomaly (with 3 pixels to spare); pixel AUROC of a sample."""

    def __init__(self, folder):
        self.folder, self.inside, self.outside_pixels, self.inside_pixels = folder, [], [], []
        self.rng = np.random.default_rng(2)

    def look(self, record, heat):
        mask = data.load_mask(self.folder, record) > 0
        if not mask.any():
            return
        row, column = np.unravel_index(heat.argmax(), heat.shape)
        self.inside.append(bool(mask[max(0, row - 3):row + 4, max(0, column - 3):column + 4].any()))
        self.outside_pixels.append(heat[(self.rng.random(heat.shape) < 0.05) & ~mask])
        self.inside_pixels.append(heat[mask])

    def figures(self):
        pixel = auroc(np.concatenate(self.outside_pixels), np.concatenate(self.inside_pixels))
        return {'peakOnAnomaly': round(float(np.mean(self.inside)), 3), 'pixelAuroc': round(pixel, 3)}


def by(records, scores, key, threshold):
    groups = {}
    for record, score in zip(records, scores):
        groups.setdefault(key(record), []).append(score)
    return {name: {'count': len(values), 'meanScore': round(float(np.mean(values)), 3),
                   'shareAlarmed': round(float(np.mean(np.array(values) > threshold)), 3)}
            for name, values in sorted(groups.items())}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('model')
    parser.add_argument('report')
    for name in ('threshold', 'reference', 'normal', 'anomalous'):
        parser.add_argument(f'--{name}', required=True)
    parser.add_argument('--energies', type=int, default=2)
    options = parser.parse_args()
    scorer = Scorer(options.model, options.energies)
    threshold_scores = scorer.scores(options.threshold)[1]
    threshold = float(np.quantile(threshold_scores, 0.95))
    reference = np.sort(scorer.scores(options.reference)[1])
    normals, normal = scorer.scores(options.normal)
    places = Localisation(options.anomalous)
    records, anomalous = scorer.scores(options.anomalous, places.look)
    kinds = np.array([record['kind'] for record in records])
    alarms = int((normal > threshold).sum())
    report = {
        'threshold': round(threshold, 4),
        'thresholdFrom': len(threshold_scores),
        'falseAlarms': {'of': len(normal), 'rate': round(alarms / len(normal), 3), 'interval': wilson(alarms, len(normal))},
        'all': None,
        'kinds': {},
        'localisation': places.figures(),
        'normalsByCargo': by(normals, normal, lambda r: r['cargo'][0], threshold),
        'normalsByContainer': by(normals, normal, lambda r: r['container'], threshold),
        'normalsByPitch': by(normals, normal, lambda r: r['pitchMm'], threshold),
        'anomaliesByCargo': by(records, anomalous, lambda r: r['cargo'][0], threshold),
        'referenceScores': [round(float(score), 5) for score in reference],
    }
    for name in ['all', *sorted(set(kinds))]:
        chosen = anomalous if name == 'all' else anomalous[kinds == name]
        hits = int((chosen > threshold).sum())
        entry = {'of': len(chosen), 'auroc': round(auroc(normal, chosen), 3), 'aurocInterval': interval(normal, chosen),
                 'detected': round(hits / len(chosen), 3), 'detectedInterval': wilson(hits, len(chosen))}
        if name == 'all':
            report['all'] = entry
        else:
            report['kinds'][name] = entry
    with open(options.report, 'w') as file:
        json.dump(report, file, indent=1)
    shown = ('threshold', 'falseAlarms', 'all', 'kinds', 'localisation')
    print('\n'.join(f'{key}: {json.dumps(report[key])}' for key in shown))


if __name__ == '__main__':
    main()
