"""Flask and Keras, as their documentation shows them: app.run(threaded=True), model.predict, Pillow.

Environment: PORT, MODEL_WEIGHTS (Keras' .h5), MODEL_LABELS (Keras' class index).
"""

import json
import os

import keras
import numpy as np
from flask import Flask, jsonify, request
from keras.applications.mobilenet_v2 import MobileNetV2, preprocess_input
from PIL import Image

app = Flask(__name__)
model: keras.Model = MobileNetV2(weights=os.environ["MODEL_WEIGHTS"])
with open(os.environ["MODEL_LABELS"], encoding="utf-8") as file:
    labels = {int(index): label for index, (_, label) in json.load(file).items()}


@app.post("/predict")
def predict():
    if "file" not in request.files:
        return jsonify(error="No file part"), 400
    image = Image.open(request.files["file"].stream).convert("RGB").resize((224, 224))
    batch = preprocess_input(np.asarray(image, dtype=np.float32)[np.newaxis])
    scores = model.predict(batch, verbose=0)[0]
    best = np.argsort(scores)[::-1][:3]
    return jsonify([{"label": labels[int(index)], "score": float(scores[index])} for index in best])


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ["PORT"]), threaded=True)
