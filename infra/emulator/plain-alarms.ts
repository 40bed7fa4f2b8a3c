import { readFile, writeFile } from 'node:fs/promises';
import * as z from 'zod';

const alarmType = 'AWS::CloudWatch::Alarm';
const template = z.looseObject({
  Resources: z.record(
    z.string(),
    z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() }),
  ),
});
const queries = z.array(
  z.looseObject({
    MetricStat: z
      .object({ Metric: z.record(z.string(), z.unknown()), Period: z.number(), Stat: z.string() })
      .optional(),
  }),
);

/**
 * Puts its first metric in the place of each alarm's metric math, which MiniStack refuses to store: it evaluates no alarms anyway.
 * @param file a synthesized template.
 */
export async function writePlainAlarms(file: string): Promise<void> {
  const read = template.parse(JSON.parse(await readFile(file, 'utf8')));
  for (const resource of Object.values(read.Resources)) {
    if (resource.Type !== alarmType || resource.Properties?.Metrics === undefined) continue;
    const { Metrics, ...rest } = resource.Properties;
    const first = queries.parse(Metrics).find(({ MetricStat }) => MetricStat !== undefined)?.MetricStat;
    if (first === undefined) throw new Error('An alarm has no metric.');
    resource.Properties = { ...rest, ...first.Metric, Period: first.Period, Statistic: first.Stat };
  }
  await writeFile(file, JSON.stringify(read));
}
