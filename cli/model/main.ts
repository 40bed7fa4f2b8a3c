/**
 * `npm run model -- check PATH`: says whether the service can serve a model of your own, and what it makes of it.
 * `npm run model -- try PATH PHOTO [--out FILE.png]`: labels a photo with it, and writes the picture that the network sees.
 */
import { parseArgs } from 'node:util';
import { command } from '../../functions/shared/command.ts';
import { checkModel } from './check.ts';
import { tryModel } from './try.ts';

const usage = `${command('model', 'check PATH')}
${command('model', 'try PATH PHOTO [--out FILE.png] [--top N]')}

PATH is a Hugging Face folder or an .onnx file, as MODEL takes it; MODEL_FILE, MODEL_OUTPUT and MODEL_LABELS are read as by ${command('serve')}.`;

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({
    options: { out: { type: 'string' }, top: { type: 'string', default: '5' }, help: { type: 'boolean' } },
    allowPositionals: true,
  });
  const [command, path, photo, ...others] = positionals;
  if (values.help) return usage;
  if (command === 'check' && path !== undefined && photo === undefined) return checkModel(path, process.env);
  if (command === 'try' && path !== undefined && photo !== undefined && others.length === 0) {
    return tryModel(path, photo, process.env, {
      out: values.out ?? 'preprocessed.png',
      top: Number(values.top),
    });
  }
  throw new Error(usage);
}

try {
  console.log(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
