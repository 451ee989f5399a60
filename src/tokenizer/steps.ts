// The steps a tokenizer is made of. Names, order and JSON forms are those of the reference library's tokenizer.json
// (added tokens are cut out, then normalizer, pre-tokenizer, model, post-processor; decoder on the way back).
import type { Json } from './json.js'
import type { TextBuffer } from './textBuffer.js'
import type { TokenSink } from './tokenSink.js'

/** Rewrites text (case, accents, control characters…) and keeps track of where each character came from. */
export interface Normalizer {
  /** Appends the normal form of `text[start, end)` to `out`. */
  normalize(text: string, start: number, end: number, out: TextBuffer): void
  /** The step as tokenizer.json holds it. */
  toJson(): Json
}

/**
 * Receives the words that a pre-tokenizer finds, in order, as stretches of the buffer, or of `written` if the
 * pre-tokenizer changed the text (that buffer is valid until the receiver returns).
 */
export type WordReceiver = (start: number, end: number, written?: TextBuffer) => void

/** Cuts normalised text into words; no token ever crosses a word's border. */
export interface PreTokenizer {
  /** Calls `word` for each word in `buffer[start, end)`. */
  split(buffer: TextBuffer, start: number, end: number, word: WordReceiver): void
  /** Whether the words depend on where they stand in the caller's text, so that places must be kept. Default false. */
  readonly needsPlaces?: boolean
  toJson(): Json
}

/** The vocabulary and the algorithm that cuts a word into its tokens. */
export interface Model {
  readonly type: string
  /** How many ids the model itself knows (added tokens are not counted). */
  readonly size: number
  /** What marks a token that continues a word, if this algorithm marks such tokens. */
  readonly continuingSubwordPrefix?: string | undefined
  /** Every token with its id. */
  entries(): Iterable<readonly [token: string, id: number]>
  tokenToId(token: string): number | undefined
  idToToken(id: number): string | undefined
  /** Cuts the word `units[start, end)` and pushes its tokens, with their stretches of `units`. */
  tokenize(units: Uint16Array, start: number, end: number, out: TokenSink): void
  toJson(): Json
}

/** Joins tokens to text again. */
export interface Decoder {
  decode(tokens: readonly string[]): string
  toJson(): Json
}
