/**
 * Pythons with packages that `test/transformers/requirements.txt` and `test/keras/requirements.txt` name. Tests that need one are skipped
 * without, but not in our own CI.
 */
export const transformersPython = pythonOf('TRANSFORMERS_PYTHON');
export const kerasPython = pythonOf('KERAS_PYTHON');

function pythonOf(variable: string): string | undefined {
  const { CI, REQUIRE_REFERENCE } = process.env;
  const named = process.env[variable];
  if (!named && CI && REQUIRE_REFERENCE === '1') throw new Error(`REQUIRE_REFERENCE=1 needs ${variable}.`);
  return named || undefined;
}
