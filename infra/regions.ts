/**
 * Regions whose CloudFormation has no `AWS::Pipes::Pipe`, as cfn-lint 1.58.0 knows them from AWS' own registry. The step "templates" of
 * .ci/run compares the list with the installed cfn-lint's.
 */
export const withoutPipes = [
  'ap-east-2',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'il-central-1',
  'mx-central-1',
  'us-gov-east-1',
  'us-gov-west-1',
] as const;
