import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/local/server-process.ts';
import { madeUpNetwork } from '../support/model/own.ts';

// ONNX Runtime keeps what it has to report to its makers in the user's cache folder.
test('loading a network keeps and sends no reports about it', async () => {
  await using home = await temporaryFolder();
  const network = join(home.path, 'network.onnx');
  await writeFile(network, madeUpNetwork());
  const load = `
    const { openNetwork } = await import(${JSON.stringify(resolve('layers/model/run/network.ts'))});
    const input = { name: 'pixel_values', layout: 'NCHW', type: 'float32', height: 8, width: 8 };
    await openNetwork(${JSON.stringify(network)}, { input, output: { name: 'logits' } });
    console.log('loaded');`;
  const env = { ...process.env, HOME: home.path, XDG_CACHE_HOME: '', ORT_DISABLE_TELEMETRY: '' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--eval', load], { env });
  expect(stdout).toBe('loaded\n');
  expect(await readdir(home.path)).toEqual(['network.onnx']);
});
