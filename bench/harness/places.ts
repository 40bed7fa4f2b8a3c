/** Named pieces of Markdown, for the places of a document that have the same names. */
export type Parts = Readonly<Record<string, string>>;

export const reportParts = ['machine', 'goals', 'rounds', 'pipeline', 'queue', 'losses', 'memory'] as const;

export const lambdaParts = ['lambda-sizes', 'lambda-starts', 'lambda-costs'] as const;

const place = /(<!-- bench: (\S+) -->\n)([\s\S]*?)(<!-- end -->)/g;

export function placesOf(document: string): string[] {
  return [...document.matchAll(place)].map(([, , name = '']) => name);
}

/**
 * Puts each part between `<!-- bench: NAME -->` and `<!-- end -->`. Parts that are empty or not given leave their place as it is.
 * @throws {Error} naming the parts that have no place.
 */
export function fillPlaces(document: string, parts: Parts): string {
  const given = new Map(Object.entries(parts).filter(([, text]) => text !== ''));
  const places = placesOf(document);
  const lost = [...given.keys()].filter((name) => !places.includes(name));
  if (lost.length > 0) throw new Error(`The document has no place for ${lost.join(', ')}.`);
  return document.replace(place, (_, start: string, name: string, old: string, end: string) => {
    const text = given.get(name);
    return `${start}${text === undefined ? old : `\n${text}\n\n`}${end}`;
  });
}

export function joinParts(parts: Parts): string {
  return Object.values(parts).filter(Boolean).join('\n\n');
}
