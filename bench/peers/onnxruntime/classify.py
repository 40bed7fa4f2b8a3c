"""What the Python peers share: Pillow, NumPy and onnxruntime, as their documentation shows them.

Environment: NETWORK (network.onnx: uint8 RGB in, so that Python has nothing to normalise), NETWORK_LABELS (a JSON list of
{"wnid", "label"}), INTRA_OP threads of the network, SPINNING of those threads.
"""

import json
import os
from functools import cache
from typing import BinaryIO

import numpy as np
import onnxruntime
from PIL import Image


@cache
def open_session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("INTRA_OP", "1"))
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", os.environ.get("SPINNING", "1"))
    return onnxruntime.InferenceSession(os.environ["NETWORK"], options, providers=["CPUExecutionProvider"])


@cache
def read_labels() -> list[str]:
    with open(os.environ["NETWORK_LABELS"], encoding="utf-8") as file:
        return [entry["label"] for entry in json.load(file)]


def classify(file: BinaryIO) -> list[dict[str, str | float]]:
    pixels = np.asarray(Image.open(file).convert("RGB").resize((224, 224)))
    (scores,) = open_session().run(["probabilities"], {"image": pixels[np.newaxis]})
    best = np.argsort(scores[0])[::-1][:3]
    return [{"label": read_labels()[index], "score": float(scores[0][index])} for index in best]
