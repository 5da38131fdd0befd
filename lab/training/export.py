"""Writes model.onnx: opset 17, height and width free (multiples of 32), weights inside the file.

  export.py WEIGHTS.pt OUT.onnx [--energies 1]
Checks that onnxruntime gives what PyTorch gives.
"""
import argparse
import pathlib

import numpy as np
import torch

from model import AnomalyNet


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('weights')
    parser.add_argument('out', type=pathlib.Path)
    parser.add_argument('--energies', type=int, default=2, choices=[1, 2])
    options = parser.parse_args()
    network = AnomalyNet(options.energies)
    saved = torch.load(options.weights, weights_only=False)
    network.load_state_dict(saved.get('average', saved))
    network.eval()
    example = torch.rand(1, options.energies, 448, 640)
    free = {'input': {0: 'n', 2: 'height', 3: 'width'}, 'anomaly_map': {0: 'n', 2: 'height', 3: 'width'},
            'pred_score': {0: 'n'}}
    options.out.parent.mkdir(parents=True, exist_ok=True)
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
