// Random access to bytes, wherever they are: memory, a file, a server that answers range requests.

/**
 * Bytes that can be read in any order.
 *
 * @example
 * const source: ByteSource = bytesSource(Uint8Array.of(1, 2, 3, 4))
 * await source.slice(1, 3) // Uint8Array [2, 3]
 */
export interface ByteSource {
  /** How many bytes there are. */
  readonly byteLength: number
  /**
   * Reads bytes `start` (inclusive) to `end` (exclusive).
   *
   * The array is the caller's own: writing to it changes nothing else, and it starts at offset 0 of its buffer, so
   * that a typed array of any width can be laid over it.
   *
   * @throws CheckpointError `file-read` or `file-truncated` if the bytes can no longer be had
   */
  slice(start: number, end: number): Promise<Uint8Array>
}

/**
 * A {@link ByteSource} over bytes in memory. They are not copied until they are read.
 *
 * @param bytes what to read from
 * @example
 * const response = await fetch('https://example.org/electra/model.safetensors')
 * const file = await readSafetensorsHeader(bytesSource(new Uint8Array(await response.arrayBuffer())))
 */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    byteLength: bytes.byteLength,
    // Not bytes.slice: on a Node Buffer that is a view, not a copy.
    slice: async (start, end) => new Uint8Array(bytes.subarray(start, end)),
  }
}
