"""The network as transformers.js expects one: normalised float planes in, logits out. Made from ours by taking off what comes before
the first convolution and after the classifier.

Environment: NETWORK (our network.onnx), NETWORK_LABELS (our labels.json), MODELS (folder to write to).
"""

import json
import os
from pathlib import Path

import onnx
from onnx import TensorProto, helper, numpy_helper

folder = Path(os.environ["MODELS"]) / "mobilenet_v2"
(folder / "onnx").mkdir(parents=True, exist_ok=True)

model = onnx.load(os.environ["NETWORK"])
graph = model.graph
nodes = list(graph.node)
first = next(index for index, node in enumerate(nodes) if node.name == "Conv1")
nodes[first].input[0] = "pixel_values"
weights = next(tensor for tensor in graph.initializer if tensor.name == "Conv1_weights")
# Our first convolution's weights are divided by 127.5.
weights.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weights) * 127.5, weights.name))
assert nodes[-1].name == "probabilities" and nodes[-1].input[0] == nodes[-2].output[0]
nodes[-2].output[0] = "logits"
del graph.node[:], graph.input[:], graph.output[:]
graph.node.extend(nodes[first:-1])
graph.input.append(helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, [1, 3, 224, 224]))
graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 1000]))
onnx.save(model, folder / "onnx/model.onnx")

sizes = {"do_resize": True, "size": {"height": 224, "width": 224}, "resample": 3, "do_center_crop": False}
scale = {"do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True}
normal = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
preprocessing = {"image_processor_type": "MobileNetV2ImageProcessor", **sizes, **scale, **normal}
(folder / "preprocessor_config.json").write_text(json.dumps(preprocessing))
names = [entry["label"] for entry in json.loads(Path(os.environ["NETWORK_LABELS"]).read_text())]
config = {"model_type": "mobilenet_v2", "id2label": dict(enumerate(names))}
(folder / "config.json").write_text(json.dumps(config))
