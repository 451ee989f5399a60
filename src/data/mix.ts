// One 32-bit number from several: seeds for each epoch, window and document that do not resemble each other.

/**
 * Mixes numbers into one uniform-looking unsigned 32-bit integer, the same on every machine (multiply, shift and
 * exclusive-or after each number: the finalizer of Appleby's MurmurHash3). Numbers count modulo 2⁵³.
 *
 * @example
 * const random = new Random(mix(42, 3, 7)) // for seed 42, epoch 3, window 7
 */
export function mix(...numbers: readonly number[]): number {
  let h = 0x9e3779b9
  for (const number of numbers) {
    for (const word of [number >>> 0, Math.floor(number / 2 ** 32) >>> 0]) {
      h = (h ^ word) >>> 0
      h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
      h = (h ^ (h >>> 16)) + 0x9e3779b9
    }
  }
  return h >>> 0
}
