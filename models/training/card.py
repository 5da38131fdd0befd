"""Prints the table of figures for a model's card, from evaluate.py's report: card.py REPORT.json"""
import json
import sys

report = json.load(open(sys.argv[1]))
span = lambda pair: f'{pair[0]:.2f}–{pair[1]:.2f}'
print('| hidden | scans | AUROC | detected at the threshold |')
print('| --- | --- | --- | --- |')
for name, entry in [('**all**', report['all']), *sorted(report['kinds'].items(), key=lambda item: -item[1]['auroc'])]:
    print(f"| {name} | {entry['of']} | {entry['auroc']:.3f} ({span(entry['aurocInterval'])}) "
          f"| {entry['detected']:.2f} ({span(entry['detectedInterval'])}) |")
alarms = report['falseAlarms']
print(f"\nThreshold {report['threshold']} (95th percentile of {report['thresholdFrom']} other normal scans); false alarms on "
      f"{alarms['of']} normal scans: {alarms['rate']:.3f} ({span(alarms['interval'])}). Highest point of the map on the "
      f"anomaly: {report['localisation']['peakOnAnomaly']:.2f}. Pixel AUROC: {report['localisation']['pixelAuroc']:.3f}. "
      f"Reference distribution: {len(report['referenceScores'])} normal scans.")
worst = sorted(report['normalsByCargo'].items(), key=lambda item: -item[1]['meanScore'])[:4]
print('\nNormal cargo with the highest mean score: ' + ', '.join(f"{name} {entry['meanScore']:.2f}" for name, entry in worst) + '.')
