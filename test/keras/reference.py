"""
Makes references from Keras itself, for any weights file of the published layout and any folder of pictures:

    python -m venv /tmp/keras && /tmp/keras/bin/pip install -r test/keras/requirements.txt
    /tmp/keras/bin/python test/keras/reference.py --weights W.h5 --pictures DIR --out REFERENCE.json [--top 5]

Each picture is opened by Pillow, converted to RGB, resized to 224×224 with Pillow's bicubic and scored by
`keras.applications.MobileNetV2` with the file's weights. The answer is one JSON object:

    {"weights": "<sha256 of the file>", "versions": {...},
     "pictures": {"name": {"source": "<sha256 of its RGB samples>", "resized": "<those of 224x224>", "probabilities": [...]}}}

`probabilities` has all classes in class-index order; with `--top N`, `top` has the N best as [index, probability] instead.
The committed ones, in test/model/reference, are made so (and likewise for any other weights):

    node test/keras/draw.ts /tmp/drawn
    /tmp/keras/bin/python test/keras/reference.py --weights /tmp/drawn/seeded.h5 --pictures /tmp/drawn/pictures \
        --out test/model/reference/<first 12 digits of the weights' sha256>.json

`--grey16 high-byte` takes 16-bit grey pictures by their high byte, as the service does; Pillow clips them to white.
Not part of `npm test`.
"""

import argparse
import hashlib
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras
import numpy as np
import PIL
from PIL import Image, ImageOps

SIZE = (224, 224)


def load_model(path: Path) -> keras.Model:
    """Keras' own network with the file's weights, layer by layer in the file's order: today's layer names differ."""
    with h5py.File(path, "r") as file:
        names = [name.decode() if isinstance(name, bytes) else name for name in file.attrs["layer_names"]]
        stored = [[file[layer][name][()] for name in file[layer].attrs["weight_names"]] for layer in names]
    stored = [weights for weights in stored if weights]
    model = keras.applications.MobileNetV2(weights=None, classes=stored[-1][-1].shape[0])
    layers = [layer for layer in model.layers if layer.get_weights()]
    if len(layers) != len(stored):
        raise SystemExit(f"{path} has {len(stored)} layers with weights, Keras' MobileNetV2 {len(layers)}.")
    for layer, weights in zip(layers, stored):
        layer.set_weights(weights)
    return model


def load_picture(path: Path, upright: bool, grey16: str) -> Image.Image:
    """The picture in RGB."""
    with Image.open(path) as image:
        if upright:
            image = ImageOps.exif_transpose(image)
        if grey16 == "high-byte" and image.mode.startswith("I;16"):
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        return image.convert("RGB")


def score(model: keras.Model, resized: Image.Image) -> np.ndarray:
    pixels = np.asarray(resized, dtype=np.float32)[np.newaxis]
    inputs = keras.applications.mobilenet_v2.preprocess_input(pixels)
    return model.predict(inputs, verbose=0)[0]


def describe(probabilities: np.ndarray, top: int | None) -> dict:
    rounded = [float(f"{p:.7g}") for p in probabilities]
    if top is None:
        return {"probabilities": rounded}
    best = np.argsort(-probabilities, kind="stable")[:top]
    return {"top": [[int(i), rounded[i]] for i in best]}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--top", type=int, help="only the best N of each picture")
    parser.add_argument("--upright", action="store_true", help="turn pictures by their EXIF orientation first")
    parser.add_argument("--grey16", choices=["pillow", "high-byte"], default="pillow")
    options = parser.parse_args()

    model = load_model(options.weights)
    pictures = {}
    for path in sorted(p for p in options.pictures.iterdir() if p.suffix.lower() not in {".md", ".json", ".txt"}):
        picture = load_picture(path, options.upright, options.grey16)
        resized = picture.resize(SIZE)
        digests = {"source": sha256(picture.tobytes()), "resized": sha256(resized.tobytes())}
        pictures[path.stem] = {**digests, **describe(score(model, resized), options.top)}
    reference = {
        "weights": sha256(options.weights.read_bytes()),
        "versions": {"keras": keras.__version__, "pillow": PIL.__version__},
        "pictures": pictures,
    }
    options.out.write_text(json.dumps(reference) + "\n")


if __name__ == "__main__":
    main()
