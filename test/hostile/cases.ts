import { type CostlyFile, costlyFiles } from './costly-files.ts';
import { randomNumbers } from './random.ts';
import { type ValidFile, validFiles } from './valid-files.ts';

/** Parts of a file at whose ends it is cut off. */
const TRUNCATIONS = 64;

/** All cases by number: files that ask for much, then each valid file cut off at each 64th, then single bits turned over. */
export class Cases {
  readonly #valid: readonly ValidFile[];
  readonly #seed: number;

  private constructor(valid: readonly ValidFile[], seed: number) {
    this.#valid = valid;
    this.#seed = seed;
  }

  static async create(seed: number): Promise<Cases> {
    return new Cases(await validFiles(), seed);
  }

  /** The number of cases that every run has. */
  get fixed(): number {
    return costlyFiles.length + this.#valid.length * TRUNCATIONS;
  }

  async make(index: number): Promise<{ name: string; bytes: Buffer }> {
    const costly: CostlyFile | undefined = costlyFiles[index];
    if (costly !== undefined) return { name: costly.name, bytes: await costly.make() };
    const rest = index - costlyFiles.length;
    const file = this.#valid[rest % this.#valid.length];
    if (file === undefined) throw new Error(`There is no case ${index}.`);
    const turn = Math.floor(rest / this.#valid.length);
    return turn < TRUNCATIONS ? cutOff(file, turn) : turnBit(file, this.#seed + index);
  }
}

function cutOff({ name, bytes }: ValidFile, part: number): { name: string; bytes: Buffer } {
  const end = Math.floor((bytes.length * part) / TRUNCATIONS);
  return { name: `${name}, ${end} of ${bytes.length} bytes`, bytes: bytes.subarray(0, end) };
}

function turnBit({ name, bytes }: ValidFile, seed: number): { name: string; bytes: Buffer } {
  const random = randomNumbers(seed);
  // Half of the bits are in the first 200 bytes, where the headers are.
  const at = random(random(2) === 0 ? Math.min(200, bytes.length) : bytes.length);
  const bit = random(8);
  const turned = Buffer.from(bytes);
  turned[at] = (turned[at] ?? 0) ^ (1 << bit);
  return { name: `${name}, bit ${bit} of byte ${at}`, bytes: turned };
}
