"""What Debian's onnxruntime for Python answers: the second implementation that the tests compare with.
Reads a JSON list of {model, inputs: [{name, shape, file}], outputs: [name]} from standard input; files hold float32 in
the machine's order. Writes a JSON list of {name: [shape, file]}, with the answers in files beside the models."""
import json
import sys

import numpy as np
import onnxruntime

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.log_severity_level = 4
answers = []
for number, case in enumerate(json.load(sys.stdin)):
    session = onnxruntime.InferenceSession(case['model'], options, providers=['CPUExecutionProvider'])
    types = {one.name: np.int64 if one.type == 'tensor(int64)' else np.float32 for one in session.get_inputs()}
    feed = {
        one['name']: np.fromfile(one['file'], np.float32).reshape(one['shape']).astype(types[one['name']])
        for one in case['inputs']
    }
    answer = {}
    for name, value in zip(case['outputs'], session.run(case['outputs'], feed)):
        path = f"{case['folder']}/answer-{number}-{name.replace('/', '_')}"
        np.ascontiguousarray(value, np.float32).tofile(path)
        answer[name] = [list(value.shape), path]
    answers.append(answer)
json.dump(answers, sys.stdout)
