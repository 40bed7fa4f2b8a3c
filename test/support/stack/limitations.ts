/** A test that an emulator cannot pass, and why. It runs on the local server and on a stack in AWS. */
export interface Limitation {
  /** The test's name, or the beginning of it. */
  readonly test: string;
  readonly reason: string;
}

/**
 * Tests of the end-to-end suite that an emulator cannot pass: none is left out anywhere else. The adapters' suites have a list of
 * their own, `formLeniencies` in test/support/aws/emulators.ts; what has no test on emulators at all stands in
 * docs/operations.md, "What an emulator does not show".
 */
export const limitations: Readonly<Record<string, readonly Limitation[]>> = {
  MiniStack: [],
  LocalStack: [],
};

/** Matches the names of all tests but those that the emulator cannot pass; every test where there is no emulator. */
export function limitationPattern(emulator: string | undefined): RegExp {
  const names = (limitations[emulator ?? ''] ?? []).map(({ test }) =>
    test.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return names.length === 0 ? /.*/ : new RegExp(`^(?!.*(?:${names.join('|')})).*$`);
}
