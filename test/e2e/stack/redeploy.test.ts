import { expect, test } from 'vitest';
import { deploy } from '../../../infra/emulator/deploy.ts';
import { emulatorAt } from '../../../infra/emulator/start.ts';
import { fileForm } from '../../support/e2e/client.ts';
import { drawJpeg } from '../../support/pictures/images.ts';

const { STACK_EMULATOR, AWS_ENDPOINT_URL } = process.env;
const image = await drawJpeg();

const send = (url: string) => fetch(`${url}predict`, { method: 'POST', body: fileForm(image) });

// A stack in AWS is nobody's to destroy here.
test.runIf(STACK_EMULATOR)(
  'a stack that has images is destroyed whole, and the same stack can be made again',
  { timeout: 180_000 },
  async () => {
    const emulator = emulatorAt(STACK_EMULATOR ?? '', AWS_ENDPOINT_URL ?? '');
    const settings = { stackName: 'made-again' };
    const first = await deploy(emulator, { settings });
    expect((await send(first.url)).status).toBe(200);
    await first.destroy();
    expect((await send(first.url)).ok).toBe(false);

    const second = await deploy(emulator, { settings });
    expect((await send(second.url)).status).toBe(200);
    await second.destroy();
  },
);
