import { Problem } from './errors.ts';

/**
 * The models that a request names, with commas between; `undefined` where it names none.
 * @param served what the models are called by that the service has, the default first.
 * @throws {Problem} `invalid_parameter`, naming those that there are.
 */
export function chooseModels(text: string | undefined, served: readonly string[]): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !served.includes(name));
  if (unknown !== undefined) {
    const there = served.length > 0 ? `there are ${served.join(', ')}` : 'leave it out for the only one';
    throw new Problem('invalid_parameter', `model: no model is called "${unknown}" here, ${there}`);
  }
  if (new Set(names).size < names.length)
    throw new Problem('invalid_parameter', 'model: names a model twice');
  return names;
}

/** The models of a request as text: the same for the same ones in any order, and nothing for the default one, named or not. */
export function modelsText(models: readonly string[] | undefined, served: readonly string[]): string {
  const isDefault = models === undefined || (models.length === 1 && models[0] === served[0]);
  return isDefault ? '' : ` ${models.toSorted().join()}`;
}
