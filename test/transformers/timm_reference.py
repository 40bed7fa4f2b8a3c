"""
Makes references of preprocessing from timm's own transforms for evaluation:

    python -m venv /tmp/timm && /tmp/timm/bin/pip install timm==1.0.31 torch==2.15.0 pillow==13.0.0     # 6 GB
    node test/keras/draw.ts /tmp/drawn
    /tmp/timm/bin/python test/transformers/timm_reference.py --pictures /tmp/drawn/pictures --out test/model/reference/timm.json

For each of the configurations below and each picture, the answer holds the SHA-256 of the tensor (float32, 1 x 3 x height x width). Not part
of any suite: PyTorch is too large.
"""

import argparse
import hashlib
import json
from pathlib import Path

import timm
import torchvision
from PIL import Image

CONFIGURATIONS = [
    {"tag": "defaults"},
    *[{"input_size": [3, 96, 96], "crop_pct": percent, "interpolation": "bilinear"} for percent in (0.875, 0.9, 0.95, 1.0)],
    *[{"input_size": [3, side, side], "crop_pct": 0.8} for side in (31, 50, 97, 224)],
    {"input_size": [3, 64, 64], "interpolation": "nearest", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]},
    {"input_size": [3, 64, 64], "interpolation": "lanczos", "mean": [0, 0, 0], "std": [1, 1, 1]},
    {"input_size": [3, 80, 60], "crop_mode": "squash", "crop_pct": 0.9},
    {"input_size": [3, 65, 65], "crop_mode": "squash", "crop_pct": 1.0, "interpolation": "bilinear"},
]


def digest(configuration: dict, picture: Image.Image) -> dict:
    resolved = timm.data.resolve_data_config(pretrained_cfg=configuration)
    tensor = timm.data.create_transform(**resolved, is_training=False)(picture)[None].numpy()
    return {"shape": list(tensor.shape), "sha256": hashlib.sha256(tensor.tobytes()).hexdigest()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    pictures = {path.stem: Image.open(path).convert("RGB") for path in sorted(arguments.pictures.glob("*.png"))}
    answers = [
        {"configuration": {"pretrained_cfg": one}, "tensors": {name: digest(one, picture) for name, picture in pictures.items()}}
        for one in CONFIGURATIONS
    ]
    versions = {"timm": timm.__version__, "torchvision": torchvision.__version__}
    arguments.out.write_text(json.dumps({"versions": versions, "answers": answers}, indent=1) + "\n")


main()
