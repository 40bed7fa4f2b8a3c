"""What a person writes in twenty lines to label a folder: python batch.py NETWORK LABELS FOLDER prints CSV. A process for each core."""
import csv, glob, json, os, sys
from multiprocessing import Pool
import numpy as np
import onnxruntime as ort
from PIL import Image

def start(network):
    global session, name
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(network, options)
    name = session.get_inputs()[0].name

def label(path):
    pixels = np.asarray(Image.open(path).convert("RGB").resize((224, 224), Image.BICUBIC))
    scores = session.run(None, {name: pixels[None]})[0][0]
    best = scores.argsort()[:-4:-1]
    return path, best.tolist(), scores[best].tolist()

if __name__ == "__main__":
    network, labels, folder = sys.argv[1:]
    with open(labels) as file:
        names = [entry["label"] for entry in json.load(file)]
    write = csv.writer(sys.stdout).writerow
    with Pool(len(os.sched_getaffinity(0)), start, [network]) as pool:
        for path, best, scores in pool.imap(label, sorted(glob.glob(f"{folder}/*.jpg")), chunksize=16):
            write([path, *(cell for index, score in zip(best, scores) for cell in (names[index], score))])
