"""Puts model.onnx, its evaluation and the words about it together: writes model.json beside model.onnx.

  package.py FOLDER REPORT.json [--energies 1]
FOLDER is models/<id>/<version>/ and holds model.onnx already.
"""
import argparse
import hashlib
import json
import pathlib

POPULATION = ('Simulated 20-ft, 40-ft and 2 x 20-ft trucks with 20 kinds of cargo and nothing hidden, {count} scans, '
              'rendered at 5.5, 8.5 and 11 mm; no real scans')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('report', type=pathlib.Path)
    parser.add_argument('--energies', type=int, default=2, choices=[1, 2])
    options = parser.parse_args()
    report = json.loads(options.report.read_text())
    energies = ['high', 'low'] if options.energies == 2 else ['any']
    scores = report['referenceScores']
    manifest = {
        'schemaVersion': '1.0',
        'id': options.folder.parent.name,
        'version': options.folder.name,
        'title': ('Unusual places in cargo, dual energy' if options.energies == 2 else
                  'Unusual places in cargo, single energy') + ' (demonstration, trained on simulated scans only)',
        'task': 'anomaly',
        'file': 'model.onnx',
        'sha256': hashlib.sha256((options.folder / 'model.onnx').read_bytes()).hexdigest(),
        'licence': 'Apache-2.0',
        'input': {
            'name': 'input',
            'channels': [{'kind': 'transmission', 'energy': energy} for energy in energies],
            'units': 'transmission',
            'pitchMm': 11,
            'pad': 1.0,
            'invalid': 'neighbour-mean',
        },
        'shape': {'kind': 'buckets', 'multipleOf': 32, 'minimum': 64, 'maximumPixels': 4_000_000},
        'output': {'adapter': 'anomaly-map', 'map': 'anomaly_map', 'score': 'pred_score'},
        # One level for both: the score is the greatest value of the smoothed map, so a scan has findings where it alarms.
        'thresholds': {'map': report['threshold'], 'score': report['threshold']},
        'reference': {'population': POPULATION.format(count=len(scores)), 'count': len(scores), 'scores': scores},
    }
    (options.folder / 'model.json').write_text(json.dumps(manifest, indent=1) + '\n')


main()
