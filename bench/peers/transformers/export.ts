import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import * as z from 'zod';
import { cacheDir, inRepository, readBenchSettings } from '../../harness/settings.ts';

/**
 * `node bench/peers/transformers/export.ts`: the network as transformers.js expects one: float planes that are normalised already
 * in, logits out. Made from our `network.onnx` by taking off what goes before the first convolution and after the classifier.
 */
const tensor = z.looseObject({ name: z.string(), rawData: z.instanceof(Uint8Array) });
const node = z.looseObject({ name: z.string(), input: z.array(z.string()), output: z.array(z.string()) });
const model = z.looseObject({
  graph: z.looseObject({
    node: z.array(node),
    initializer: z.array(tensor),
    input: z.array(z.looseObject({ name: z.string() })),
    output: z.array(z.looseObject({ name: z.string() })),
  }),
});

/** What our first convolution's weights are divided by. */
const HALF_RANGE = 127.5;
const FLOAT = 1;

async function main(): Promise<void> {
  const { modelDir } = await readBenchSettings();
  const folder = join(cacheDir, 'models/mobilenet_v2');
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const network = await readFile(join(modelDir, 'network.onnx'));
  await writeFile(join(folder, 'onnx/model.onnx'), await convert(network));
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessing));
  await writeFile(join(folder, 'config.json'), JSON.stringify(await describe(join(modelDir, 'labels.json'))));
}

async function convert(network: Uint8Array): Promise<Uint8Array> {
  const proto = await readFile(inRepository('layers/model/build/onnx.proto'), 'utf8');
  const type = protobuf.parse(proto).root.lookupType('onnx.ModelProto');
  const parsed = model.parse(type.decode(network));
  const { graph } = parsed;
  const first = graph.node.find(({ name }) => name === 'Conv1');
  const weights = graph.initializer.find(({ name }) => name === 'Conv1_weights');
  const nodes = first ? graph.node.slice(graph.node.indexOf(first)) : [];
  if (!first || !weights || nodes.at(-1)?.name !== 'probabilities')
    throw new Error('The network is not built as it was when this export was written.');
  const converted = {
    ...parsed,
    graph: {
      ...graph,
      node: [{ ...first, input: ['pixel_values', ...first.input.slice(1)] }, ...nodes.slice(1, -1)],
      initializer: graph.initializer.map((entry) =>
        entry === weights ? { ...entry, rawData: scale(entry.rawData, HALF_RANGE) } : entry,
      ),
      input: [tensorInfo('pixel_values', [1, 3, 224, 224])],
      output: [tensorInfo('logits', [1, 1000])],
    },
  };
  return type.encode(converted).finish();
}

function scale(bytes: Uint8Array, factor: number): Uint8Array {
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  return new Uint8Array(values.map((value) => value * factor).buffer);
}

function tensorInfo(name: string, shape: readonly number[]): { name: string } & Record<string, unknown> {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}

/** Pillow's bicubic (`resample` 3) to 224×224, then x / 127.5 − 1. */
const preprocessing = {
  image_processor_type: 'MobileNetV2ImageProcessor',
  do_resize: true,
  size: { height: 224, width: 224 },
  resample: 3,
  do_center_crop: false,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};

async function describe(labelsFile: string) {
  const labels = z
    .array(z.object({ label: z.string() }))
    .parse(JSON.parse(await readFile(labelsFile, 'utf8')));
  const id2label = Object.fromEntries(labels.map(({ label }, index) => [index, label]));
  return { model_type: 'mobilenet_v2', architectures: ['MobileNetV2ForImageClassification'], id2label };
}

await main();
