import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Says why a rule of cdk-nag does not hold on one resource. The reason stands in the validation report, and with the code it
 * is about.
 * @param rules reasons by rule, such as `AwsSolutions-S1`.
 */
export function acknowledge(resource: IConstruct, rules: Readonly<Record<string, string>>): void {
  for (const [rule, reason] of Object.entries(rules)) {
    const pack = rule.split('-')[0];
    Validations.of(resource).acknowledge({ id: `${pack}::${rule}`, reason });
  }
}
