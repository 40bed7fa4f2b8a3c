"""
Makes references from Keras' MobileNetV2 at other widths and sizes:

    node test/keras/draw.ts /tmp/drawn && node test/keras/draw-variants.ts /tmp/variants
    /tmp/keras/bin/python test/keras/variants.py --weights /tmp/variants --pictures /tmp/drawn/pictures --out test/model/reference/variants.json

Of a file such as `seeded_0.5_128.h5` the name says the width and the size. The answer has the 50 best of all classes. Needs what `reference.py` needs. Not part of `npm test`.
"""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
import numpy as np
from PIL import Image

TOP = 50


def load_model(path: Path, alpha: float, side: int) -> keras.Model:
    """Keras' own network with the file's weights, layer by layer in the file's order."""
    with h5py.File(path, "r") as file:
        names = [name.decode() if isinstance(name, bytes) else name for name in file.attrs["layer_names"]]
        stored = [[file[layer][name][()] for name in file[layer].attrs["weight_names"]] for layer in names]
    model = keras.applications.MobileNetV2(
        input_shape=(side, side, 3), alpha=alpha, weights=None, classes=stored[-1][-1].shape[0]
    )
    for layer, weights in zip([layer for layer in model.layers if layer.get_weights()], stored, strict=True):
        layer.set_weights(weights)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    answers = {}
    for path in sorted(arguments.weights.glob("*.h5")):
        _, alpha, side = path.stem.split("_")
        model = load_model(path, float(alpha), int(side))
        answers[path.name] = {}
        for picture in sorted(arguments.pictures.glob("*.png")):
            resized = Image.open(picture).convert("RGB").resize((int(side), int(side)), Image.BICUBIC)
            pixels = np.asarray(resized, dtype=np.float32)[np.newaxis]
            scores = model.predict(keras.applications.mobilenet_v2.preprocess_input(pixels), verbose=0)[0]
            best = np.argsort(-scores, kind="stable")[:TOP]
            answers[path.name][picture.stem] = [[int(i), float(f"{scores[i]:.7g}")] for i in best]
    arguments.out.write_text(json.dumps({"keras": keras.__version__, "answers": answers}) + "\n")


main()
