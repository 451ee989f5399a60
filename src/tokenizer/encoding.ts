// What encode() gives back: ids and everything known about each of them.

/** What an {@link Encoding} is made from; arrays of one length, not copied. */
export interface EncodingParts {
  ids: Int32Array
  typeIds: Int32Array
  specialTokensMask: Int32Array
  /** Begin and end of each token in turn: two numbers a token. */
  packedOffsets: Int32Array
  /** The word of each token, -1 for special tokens. */
  words: Int32Array
  /** The sequence of each token, 0 or 1, -1 for special tokens. */
  sequences: Int32Array
  /** A token's text, given its id and its index. */
  tokenAt: (id: number, index: number) => string
  /** Makes the further windows. */
  overflowing: () => readonly Encoding[]
}

/**
 * An encoded text, or pair of texts. All arrays have one entry per token. Offsets count UTF-16 units of the text (of
 * the second text for its tokens), as `String.slice` does; special tokens have the offset [0, 0].
 *
 * @example
 * const tokenizer = await loadTokenizer('models/electra')
 * const encoding = tokenizer.encode('Hello world')
 * encoding.tokens // ['[CLS]', 'hello', 'world', '[SEP]']
 * encoding.offsets[2] // [6, 11]
 */
export class Encoding {
  readonly ids: Int32Array
  /** 0 for the first sequence, 1 for the second (as the tokenizer's template says). */
  readonly typeIds: Int32Array
  /** 1 everywhere: an encoding has no padding of its own. */
  readonly attentionMask: Int32Array
  /** 1 for the special tokens that the template added. */
  readonly specialTokensMask: Int32Array
  /** {@link offsets} as one flat array: begin and end of each token in turn. */
  readonly packedOffsets: Int32Array
  private readonly parts: EncodingParts
  private lazyTokens: string[] | undefined
  private lazyOffsets: [number, number][] | undefined
  private lazyWords: (number | null)[] | undefined
  private lazySequences: (number | null)[] | undefined
  private lazyOverflowing: readonly Encoding[] | undefined

  constructor(parts: EncodingParts) {
    this.parts = parts
    this.ids = parts.ids
    this.typeIds = parts.typeIds
    this.attentionMask = new Int32Array(parts.ids.length).fill(1)
    this.specialTokensMask = parts.specialTokensMask
    this.packedOffsets = parts.packedOffsets
  }

  /** How many tokens there are. */
  get length(): number {
    return this.ids.length
  }

  /** The tokens as text. Made when first asked for. */
  get tokens(): string[] {
    this.lazyTokens ??= Array.from(this.ids, this.parts.tokenAt)
    return this.lazyTokens
  }

  /** Where each token stands in its text: `text.slice(...offset)`. Made when first asked for. */
  get offsets(): [begin: number, end: number][] {
    this.lazyOffsets ??= Array.from(this.ids, (_, i) => [this.packedOffsets[2 * i]!, this.packedOffsets[2 * i + 1]!])
    return this.lazyOffsets
  }

  /** Which word of its sequence each token belongs to; null for special tokens. Each punctuation mark is a word. */
  get wordIds(): (number | null)[] {
    this.lazyWords ??= Array.from(this.parts.words, (word) => (word < 0 ? null : word))
    return this.lazyWords
  }

  /** Which sequence each token belongs to, 0 or 1; null for special tokens. */
  get sequenceIds(): (number | null)[] {
    this.lazySequences ??= Array.from(this.parts.sequences, (sequence) => (sequence < 0 ? null : sequence))
    return this.lazySequences
  }

  /**
   * The further windows, if truncation cut something off. Made when first asked for: if two texts both gave way, they
   * are all combinations of the windows of both.
   */
  get overflowing(): readonly Encoding[] {
    this.lazyOverflowing ??= this.parts.overflowing()
    return this.lazyOverflowing
  }
}
