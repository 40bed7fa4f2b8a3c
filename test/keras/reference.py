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

`--samples DIR` needs Pillow and pillow-heif alone (requirements-samples.txt) and no weights: it writes each picture's upright RGB samples,
resized, to a file of its own, and to index.json what each file was or why Pillow does not read it. `--convert` first saves some of
the pictures in the forms that Pillow writes and sharp does not:

    python test/keras/reference.py --pictures DIR --samples OUT --convert '*.png'

`--grey16 high-byte` takes 16-bit grey pictures by their high byte, as the service does; Pillow clips them to white.
Not part of `npm test`.
"""

import argparse
import hashlib
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import PIL
from PIL import Image, ImageOps

SIZE = (224, 224)


def load_model(path: Path) -> "keras.Model":
    """Keras' own network with the file's weights, layer by layer in the file's order: today's layer names differ."""
    import h5py
    import keras

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


def convert_pictures(pictures: Path, pattern: str) -> None:
    """Saves each picture that the pattern names as BMP, GIF, TIFF, HEIC and AVIF of kinds that sharp does not write."""
    from pillow_heif import register_heif_opener

    register_heif_opener()
    for path in sorted(pictures.glob(pattern)):
        with Image.open(path) as image:
            rgb = image.convert("RGB")
        saved = {
            "24.bmp": (rgb, {}),
            "8.bmp": (rgb.quantize(64), {}),
            "4.bmp": (rgb.convert("L").quantize(16), {}),
            "1.bmp": (rgb.convert("1"), {}),
            "transparent.gif": (rgb.quantize(32), {"transparency": 3}),
            "interlaced.gif": (rgb.quantize(200), {"interlace": 1}),
            "grey.gif": (rgb.convert("L"), {}),
            "packbits.tif": (rgb, {"compression": "packbits"}),
            "g4.tif": (rgb.convert("1"), {"compression": "group4"}),
            "cmyk.tif": (rgb.convert("CMYK"), {"compression": "tiff_lzw"}),
            "ycc.tif": (rgb.convert("YCbCr"), {}),
            "palette.tif": (rgb.quantize(100), {"compression": "tiff_deflate"}),
            "alpha.tif": (rgb.convert("RGBA"), {"compression": "tiff_adobe_deflate"}),
            "cmyk.jpg": (rgb.convert("CMYK"), {"quality": 90}),
            "grey.heic": (rgb.convert("L"), {"quality": 80}),
            "colour.heic": (rgb, {"quality": 80}),
            "pillow.avif": (rgb, {"quality": 80, "speed": 10}),
        }
        for name, (form, options) in saved.items():
            form.save(pictures / f"{path.stem}-{name}", **options)


def write_samples(pictures: Path, out: Path, grey16: str) -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    out.mkdir(parents=True, exist_ok=True)
    index = {}
    for number, path in enumerate(sorted(p for p in pictures.iterdir() if p.is_file())):
        try:
            picture = load_picture(path, True, grey16)
        except Exception as error:
            index[path.name] = {"error": f"{type(error).__name__}: {error}"}
            continue
        (out / f"{number}.rgb").write_bytes(picture.resize(SIZE).tobytes())
        index[path.name] = {"samples": f"{number}.rgb", "width": picture.width, "height": picture.height}
    (out / "index.json").write_text(json.dumps({"pillow": PIL.__version__, "pictures": index}) + "\n")


def score(model: "keras.Model", resized: Image.Image) -> np.ndarray:
    pixels = np.asarray(resized, dtype=np.float32)[np.newaxis]
    import keras

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
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--samples", type=Path, help="write the pictures' samples to this folder, and no scores")
    parser.add_argument("--convert", metavar="PATTERN", help="save such pictures in further forms first")
    parser.add_argument("--top", type=int, help="only the best N of each picture")
    parser.add_argument("--upright", action="store_true", help="turn pictures by their EXIF orientation first")
    parser.add_argument("--grey16", choices=["pillow", "high-byte"], default="pillow")
    options = parser.parse_args()
    if options.samples:
        if options.convert:
            convert_pictures(options.pictures, options.convert)
        return write_samples(options.pictures, options.samples, options.grey16)
    if not (options.weights and options.out):
        parser.error("--weights and --out are needed, or --samples")
    import keras

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
