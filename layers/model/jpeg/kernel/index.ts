/**
 * AssemblyScript (https://www.assemblyscript.org), not TypeScript: decodes a sequential or progressive Huffman-coded JPEG (ITU-T T.81)
 * to RGB, a row of coded units at a time, with WebAssembly SIMD. Its samples are those of libjpeg-turbo with its default settings to the bit: the accurate
 * integer inverse DCT (Loeffler, Ligtenberg, Moschytz, "Practical fast 1-D DCT algorithms with 11 multiplications", 1989), chroma
 * enlarged by a triangle filter, and JFIF's colour conversion with 16 fractional bits.
 *
 * It reads no headers: the caller reads them, refuses what is not described here, and lays out memory from `memoryBase` on. What is
 * wrong in the data ends the work with 0, so that a more patient decoder can have a look; nothing outside memory is ever touched.
 *
 * Addresses are in bytes. A component is 48 bytes, twelve i32: horizontal and vertical sampling factor (0, 4), address of its quantisation
 * table (8: 64 i16, rows of 8), of its DC and AC code tables (12, 16) and of its plane (20), bytes from row to row (24), a place for the
 * prediction (28); where it is progressive, the addresses of its AC coefficients (32: 64 i16 a block) and DC ones (36: an i16 a block), and blocks
 * in a row of either (40). A plane holds a row of units, and one row of samples before its begin. Rows may be read and written up to 48 bytes past their end.
 */

/** From here on memory is the caller's. */
export const memoryBase: usize = __heap_base;

export { codeTableBytes, prepareCodes } from './codes';
export { convert, keepLastRow } from './colours';
export { decodeProgressiveRow, transformRow } from './progressive';
export { endScan, giveSource, rowBytesOf, sourceLeft, startScan, startSegment } from './scan';
export { decodeRow } from './sequential';
export { prepareQuantisation } from './transform';
