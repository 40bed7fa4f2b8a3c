// AssemblyScript: Huffman codes (ITU-T T.81, annexes C and F).

/** Codes of up to this length are found in one look-up. */
const LOOKUP_BITS: u32 = 10;
const LOOKUPS: u32 = 1 << LOOKUP_BITS;

// A code table: LOOKUPS entries; for each length of a code the first 16-bit word past its codes and what leads from a code to
// its symbol's place; the symbols.
const LIMITS: usize = LOOKUPS * 4;
const OFFSETS: usize = LIMITS + 17 * 4;
const SYMBOLS: usize = OFFSETS + 17 * 4;
export const codeTableBytes: usize = SYMBOLS + 256;

/** What a table's symbols stand for. */
export const AC: i32 = 0;
export const DC: i32 = 1;
/** Without a number, any run but that of 15 ends the block and others behind it (T.81, G.1.2.2). */
export const AC_OF_PROGRESSIVE: i32 = 2;

/** An end of block skips past its end, by more than any run does. */
export const END_OF_BLOCK: u32 = 100;

/**
 * Makes a code table of a DHT segment's 16 counts and symbols (T.81, B.2.4.2 and annex C).
 * @param kind DC, AC or AC_OF_PROGRESSIVE.
 * @returns whether the codes are valid, and none stands for a number that 8-bit samples do not have.
 */
export function prepareCodes(segment: usize, table: usize, kind: i32): bool {
  memory.fill(table, 0, LIMITS);
  let code: u32 = 0;
  let place: u32 = 0;
  for (let length: u32 = 1; length <= 16; length++) {
    const codes = <u32>load<u8>(segment + length - 1);
    store<i32>(table + OFFSETS + length * 4, place - code);
    for (let i: u32 = 0; i < codes; i++) {
      const symbol = <u32>load<u8>(segment + 16 + place);
      if (code >> length !== 0 || (kind === DC ? symbol > 11 : (symbol & 15) > 10)) return false;
      store<u8>(table + SYMBOLS + place, <u8>symbol);
      if (length <= LOOKUP_BITS) {
        const first = code << (LOOKUP_BITS - length);
        const end = (code + 1) << (LOOKUP_BITS - length);
        for (let entry = first; entry < end; entry++)
          store<u32>(table + entry * 4, entryOf(symbol, length, kind));
      }
      code++;
      place++;
    }
    store<u32>(table + LIMITS + length * 4, code << (16 - length));
    code <<= 1;
  }
  return true;
}

/** Four bytes: bits of code and number together, bits of the code, bits of the number, coefficients to skip before it. */
function entryOf(symbol: u32, length: u32, kind: i32): u32 {
  const size = kind === DC ? symbol : symbol & 15;
  const run = kind === DC ? 0 : symbol >> 4;
  // Without a number only a run of 15 goes on.
  const skip = kind === AC && size === 0 && run !== 15 ? END_OF_BLOCK : run;
  return (length + size) | (length << 8) | (size << 16) | (skip << 24);
}

/** The entry of the code that the bits begin with; 0 where there is none. */
export function findCode(table: usize, ahead: u64, kind: i32): u32 {
  const entry = load<u32>(table + <usize>((ahead >> (64 - LOOKUP_BITS)) << 2));
  return entry === 0 ? findLongCode(table, ahead, kind) : entry;
}

/** The entry of a code longer than `LOOKUP_BITS`; 0 where there is none. */
function findLongCode(table: usize, ahead: u64, kind: i32): u32 {
  const word = <u32>(ahead >> 48);
  for (let length = LOOKUP_BITS + 1; length <= 16; length++) {
    if (word < load<u32>(table + LIMITS + length * 4)) {
      const place = (word >> (16 - length)) + load<u32>(table + OFFSETS + length * 4);
      return entryOf(load<u8>(table + SYMBOLS + (place & 255)), length, kind);
    }
  }
  return 0;
}

/** Eight bytes, the first one highest. */
export function loadBigEndian(at: usize): u64 {
  const reversed = i8x16(7, 6, 5, 4, 3, 2, 1, 0, -128, -128, -128, -128, -128, -128, -128, -128);
  return i64x2.extract_lane(i8x16.swizzle(v128.load64_zero(at), reversed), 0);
}

/** The number that the first `size` of the bits mean (T.81, F.2.2.1: EXTEND); 0 for a size of 0. */
export function extend(ahead: u64, size: u32): i32 {
  const number = <i32>((ahead >> 1) >> (63 - size));
  const isNegative = <i32>(~(<i64>ahead) >> 63);
  return number + (isNegative & ((-1 << size) + 1));
}
