import { giveUpHandler } from '../../functions/label/give-up-handler.ts';
import { compose } from '../compose.ts';
import { labelling } from '../labelling.ts';

export const handler = compose('label-give-up', ({ telemetry }) =>
  giveUpHandler({ ...labelling(), telemetry }),
);
