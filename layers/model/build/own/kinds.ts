/** What a setting may say of a network's output, where the graph and `config.json` do not tell. */
export const outputKinds = ['softmax', 'sigmoid', 'probabilities'] as const;
export type OutputKind = (typeof outputKinds)[number];
