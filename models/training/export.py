"""Writes model.onnx: opset 17, height and width free (multiples of 32), weights inside the file.

  export.py WEIGHTS.pt OUT.onnx [--level NORMALS] [--energies 1]
NORMALS is a folder of ordinary scans; the map is then told relative to how high such scans peak (level.py).
Checks that onnxruntime gives what PyTorch gives.
"""
import argparse

import numpy as np
import torch

import data
import level
from model import AnomalyNet


def transmissions(folder, most, energies):
    for record in data.records(folder)[:most]:
        scan = data.load(folder, record)[:energies].astype(np.float32) / data.SCALE
        yield torch.from_numpy(scan[None])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('weights')
    parser.add_argument('out')
    parser.add_argument('--level', metavar='NORMALS')
    parser.add_argument('--scans', type=int, default=300, help='that the level is fitted to, at most')
    parser.add_argument('--energies', type=int, default=2, choices=[1, 2])
    options = parser.parse_args()
    network = AnomalyNet(options.energies)
    weights = torch.load(options.weights, weights_only=False)['average']
    network.load_state_dict({**network.state_dict(), **weights})
    network.eval()
    if options.level:
        level.fit(network, transmissions(options.level, options.scans, options.energies))
    example = torch.rand(1, options.energies, 448, 640)
    free = {'input': {0: 'n', 2: 'height', 3: 'width'}, 'anomaly_map': {0: 'n', 2: 'height', 3: 'width'},
            'pred_score': {0: 'n'}}
    torch.onnx.export(network, example, options.out, opset_version=17, input_names=['input'],
                      output_names=['anomaly_map', 'pred_score'], dynamic_axes=free)
    import onnxruntime
    session = onnxruntime.InferenceSession(options.out, providers=['CPUExecutionProvider'])
    for shape in ((1, 448, 640), (2, 64, 96), (1, 320, 1504)):
        sample = torch.rand(shape[0], options.energies, *shape[1:]) * 1.1
        with torch.no_grad():
            expected = network(sample)
        got = session.run(None, {'input': sample.numpy()})
        worst = max(float(np.abs(g - e.numpy()).max()) for g, e in zip(got, expected))
        print(shape, 'largest difference', worst)
        assert worst < 1e-4


main()
