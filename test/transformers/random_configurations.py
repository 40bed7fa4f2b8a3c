"""
Makes random preprocessor configurations, and what `transformers`' own (Pillow-based) image processors answer for them:

    python test/transformers/random_configurations.py --pictures PICTURES --count 300 --seed 1 --out ANSWERS.json

For each configuration and each picture the answer holds the SHA-256 of the tensor, or the error where there is one. `npm run test:python`
compares them with ours. A part of the configurations is as `save_pretrained` writes them, which names every option.
"""

import argparse
import hashlib
import json
import random
from pathlib import Path

import numpy as np
import transformers
from PIL import Image

TYPES = ["ViT", "DeiT", "Beit", "Bit", "ConvNext", "MobileNetV1", "MobileNetV2", "MobileViT", "EfficientNet", "CLIP", "Siglip"]
MEANS = [[0.5, 0.5, 0.5], [0.485, 0.456, 0.406], [0, 0, 0], 0.25, 1, [0.5], [127.5, 127.5, 127.5], None]
DEVIATIONS = [[0.5, 0.5, 0.5], [0.229, 0.224, 0.225], [1, 1, 1], 0.3, 2, [0.5], [58.395, 57.12, 57.375], None]
FACTORS = [1 / 255, 0.00392156862745098, 1 / 127.5, 1, 2, 0.5, 1 / 256]


def side(draw: random.Random) -> int:
    return draw.choice([1, 2, 3, 7, 31, 32, 64, 97, 100, 150, 224, draw.randint(4, 300)])


def size(draw: random.Random):
    return draw.choice([
        lambda: side(draw),
        lambda: [side(draw), side(draw)],
        lambda: {"height": side(draw), "width": side(draw)},
        lambda: {"height": side(draw), "width": side(draw)},
        lambda: {"shortest_edge": side(draw)},
        lambda: {"shortest_edge": side(draw)},
        lambda: {"shortest_edge": side(draw), "longest_edge": side(draw) + 100},
        lambda: {"longest_edge": side(draw)},
        lambda: {"max_height": side(draw), "max_width": side(draw)},
        lambda: None,
    ])()


def flag(draw: random.Random):
    return draw.choice([True, True, True, False, False, None])


OPTIONS = {
    "do_resize": flag,
    "size": size,
    "resample": lambda draw: draw.choice([0, 1, 2, 3, 4, 5, 2, 3]),
    "do_center_crop": flag,
    "crop_size": lambda draw: draw.choice([side(draw), {"height": side(draw), "width": side(draw)}, [side(draw), side(draw)], {"shortest_edge": side(draw)}, None]),
    "do_rescale": flag,
    "rescale_factor": lambda draw: draw.choice(FACTORS),
    "do_normalize": flag,
    "image_mean": lambda draw: draw.choice(MEANS),
    "image_std": lambda draw: draw.choice(DEVIATIONS),
    "crop_pct": lambda draw: draw.choice([0.875, 0.95, 1, 0.5, None]),
    "do_flip_channel_order": flag,
    "rescale_offset": flag,
    "include_top": flag,
    "do_convert_rgb": flag,
    "do_reduce_labels": lambda draw: draw.choice([False, True]),
    "default_to_square": lambda draw: draw.choice([False, True]),
}
"""Options that most processors lack: rarely set, so that most configurations are about something else."""
RARE = {"crop_pct": "ConvNext", "do_flip_channel_order": "MobileViT", "rescale_offset": "EfficientNet", "include_top": "EfficientNet", "do_reduce_labels": "", "default_to_square": "", "do_convert_rgb": ""}


def configuration(draw: random.Random) -> dict:
    name = draw.choice(TYPES)
    options = {"image_processor_type": f"{name}ImageProcessor"}
    for option, value in OPTIONS.items():
        chance = 0.5 if RARE.get(option, name) == name else 0.05
        if draw.random() < chance:
            options[option] = value(draw)
    return options


def as_saved(configuration: dict) -> dict:
    """The same as `save_pretrained` writes it, with every option; as it is where `transformers` refuses it."""
    name = configuration["image_processor_type"]
    try:
        return json.loads(getattr(transformers, name).from_dict(without_type(configuration)).to_json_string())
    except Exception:
        return configuration


def without_type(configuration: dict) -> dict:
    return {key: value for key, value in configuration.items() if key != "image_processor_type"}


def answer(configuration: dict, picture: Image.Image) -> dict:
    try:
        processor = getattr(transformers, configuration["image_processor_type"]).from_dict(without_type(configuration))
        tensor = processor(picture, return_tensors="np")["pixel_values"]
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:200]}
    tensor = np.ascontiguousarray(tensor)
    return {"shape": list(tensor.shape), "type": str(tensor.dtype), "sha256": hashlib.sha256(tensor.tobytes()).hexdigest()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    pictures = {path.stem: Image.open(path).convert("RGB") for path in sorted(arguments.pictures.glob("*.png"))}
    configurations = [configuration(draw) for _ in range(arguments.count)]
    configurations = [as_saved(one) if draw.random() < 0.3 else one for one in configurations]
    answers = [
        {"configuration": one, "answers": {name: answer(one, picture) for name, picture in pictures.items()}}
        for one in configurations
    ]
    arguments.out.write_text(json.dumps(answers))


main()
