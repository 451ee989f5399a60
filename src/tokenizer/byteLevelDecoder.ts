// From byte-level tokens back to text. Semantics of the reference library's ByteLevel decoder: characters that stand
// for bytes become those bytes, a token with any other character is taken as text, and what is not UTF-8 is replaced.
import { unitToByte } from './byteAlphabet.js'
import type { Json } from './json.js'
import type { Decoder } from './steps.js'

const encoder = new TextEncoder()
// Else a decoder drops U+FEFF from the text's beginning.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * The decoder of RoBERTa.
 *
 * @example
 * byteLevelDecoder.decode(['Hello', 'Ġw', 'Ã', '¶', 'rld']) // 'Hello wörld'
 */
export const byteLevelDecoder: Decoder = {
  decode(tokens) {
    let bytes = new Uint8Array(64)
    let length = 0
    for (const token of tokens) {
      // At most three bytes a unit.
      const needed = length + 3 * token.length
      if (needed > bytes.length) {
        const larger = new Uint8Array(2 * needed)
        larger.set(bytes.subarray(0, length))
        bytes = larger
      }
      length += spell(token, bytes, length)
    }
    return decoder.decode(bytes.subarray(0, length))
  },
  // The three settings mean nothing to a decoder, but the reference wants them.
  toJson: (): Json => ({ type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true }),
}

/** Writes a token's bytes to `bytes` from `at` on and returns how many there are. */
function spell(token: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < token.length; i++) {
    const byte = unitToByte(token.charCodeAt(i))
    if (byte < 0) return encoder.encodeInto(token, bytes.subarray(at)).written
    bytes[at + i] = byte
  }
  return token.length
}

/**
 * The decoder of tokenizers that mark a word's end: the mark (the reference's default is `</w>`) becomes a space, that
 * of the last token nothing.
 *
 * @example
 * new BytePairDecoder('</w>').decode(['lo', 'w</w>', 'er</w>']) // 'low er'
 */
export class BytePairDecoder implements Decoder {
  constructor(readonly suffix = '</w>') {}

  decode(tokens: readonly string[]): string {
    return tokens.map((token, i) => token.replaceAll(this.suffix, i === tokens.length - 1 ? '' : ' ')).join('')
  }

  toJson(): Json {
    return { type: 'BPEDecoder', suffix: this.suffix }
  }
}
