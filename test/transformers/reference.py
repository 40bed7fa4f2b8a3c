"""
Makes references of preprocessing from `transformers`' own (Pillow-based) image processors:

    python -m venv /tmp/transformers && /tmp/transformers/bin/pip install -r test/transformers/requirements.txt
    node test/keras/draw.ts /tmp/drawn
    /tmp/transformers/bin/python test/transformers/reference.py --pictures /tmp/drawn/pictures \
        --out test/model/reference/processors.json

For each of the configurations below and each picture, the answer holds the SHA-256 of the tensor (float32 or uint8, 1 x 3 x height x width).
Not part of `npm test`.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import PIL
import transformers
from PIL import Image

HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
TYPES = ["ViT", "DeiT", "Beit", "Bit", "ConvNext", "MobileNetV1", "MobileNetV2", "MobileViT", "EfficientNet", "CLIP", "Siglip"]


def of(name: str, **options) -> dict:
    return {"image_processor_type": f"{name}ImageProcessor", **options}


CONFIGURATIONS = [
    *[of(name) for name in TYPES],
    *[of("ViT", resample=resample, size={"height": 61, "width": 97}, **IMAGENET) for resample in range(6)],
    *[of("CLIP", resample=resample, size=75, crop_size=64) for resample in range(6)],
    of("ViT", size=97, do_rescale=False),
    of("ViT", size=[64, 48], do_normalize=False),
    of("ViT", size=64, do_rescale=False, do_normalize=False),
    of("ViT", size=64, rescale_factor=0.00784313725490196, image_mean=1, image_std=0.7),
    of("DeiT", size=70, crop_size={"height": 64, "width": 60}),
    of("DeiT", size=60, crop_size=97),
    of("Beit", do_resize=False, crop_size=151),
    of("Bit", size={"height": 90, "width": 70}, crop_size=65, **IMAGENET),
    of("Bit", size={"shortest_edge": 50, "longest_edge": 60}, crop_size=[65, 51]),
    of("ConvNext", size=192, crop_pct=0.95),
    of("ConvNext", size={"shortest_edge": 400}, resample=3, **IMAGENET),
    of("MobileNetV1", do_resize=False, crop_size=700),
    of("MobileNetV2", size=33, crop_size=32, resample=0),
    of("MobileViT", size=288, crop_size=256, resample=2),
    of("MobileViT", size=40, crop_size=64, do_flip_channel_order=False),
    of("MobileViT", size=72, crop_size=64, do_rescale=False),
    of("EfficientNet", size=80, do_center_crop=True, crop_size=75, rescale_offset=True, rescale_factor=1 / 127.5),
    of("EfficientNet", size=80, include_top=False, do_normalize=False, resample=1),
    of("EfficientNet", size=80, do_rescale=False, **IMAGENET),
    of("Siglip", size={"height": 96, "width": 128}, do_convert_rgb=True),
]


def digest(configuration: dict, picture: Image.Image) -> dict:
    options = {key: value for key, value in configuration.items() if key != "image_processor_type"}
    processor = getattr(transformers, configuration["image_processor_type"])(**options)
    tensor = processor(picture, return_tensors="np")["pixel_values"]
    return {"shape": list(tensor.shape), "sha256": hashlib.sha256(np.ascontiguousarray(tensor).tobytes()).hexdigest()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    pictures = {path.stem: Image.open(path).convert("RGB") for path in sorted(arguments.pictures.glob("*.png"))}
    tiny = Image.frombytes("RGB", (2, 5), bytes(range(0, 240, 8)))
    answers = [
        {
            "configuration": configuration,
            "tensors": {name: digest(configuration, picture) for name, picture in {**pictures, "tiny-2x5": tiny}.items()},
        }
        for configuration in CONFIGURATIONS
    ]
    versions = {"transformers": transformers.__version__, "pillow": PIL.__version__, "numpy": np.__version__}
    arguments.out.write_text(json.dumps({"versions": versions, "answers": answers}, indent=1) + "\n")


main()
