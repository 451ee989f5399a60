// Byte-pair encoding: a word begins as its characters, and pairs of neighbours are merged in the order in which
// training found them. Semantics of the reference library's BPE model, without dropout.
import { TokenizerError } from './error.js'
import type { Json } from './json.js'
import { MergeTable } from './mergeTable.js'
import type { Model } from './steps.js'
import { Symbols } from './symbols.js'
import { unitsToString } from './textBuffer.js'
import type { TokenSink } from './tokenSink.js'
import type { Vocabulary } from './vocabulary.js'
import { WordCache } from './wordCache.js'

/** Byte-pair encoding's settings; names as in tokenizer.json. */
export interface BytePairOptions {
  /** The token of a character that the vocabulary lacks. Default null: such a character is left out. */
  readonly unkToken?: string | null
  /** What stands before a character that does not begin its word. Default null: nothing. */
  readonly continuingSubwordPrefix?: string | null
  /** What stands after a character that ends its word. Default null: nothing. */
  readonly endOfWordSuffix?: string | null
  /** Unknown characters in a row are one unknown token. Default false. */
  readonly fuseUnk?: boolean
  /** An unknown character becomes its bytes (`<0xE2>`…) if the vocabulary has all of them. Default false. */
  readonly byteFallback?: boolean
  /** A word that is a token itself is that token, whatever the merges say. Default false. */
  readonly ignoreMerges?: boolean
}

/** A pair of tokens that become one. */
export type Merge = readonly [first: string, second: string]

/** Pairs in order of their rank; `length` is the most there are. Read once, so a file's need not all be in memory. */
export interface Merges extends Iterable<Merge> {
  readonly length: number
}

/** A character's id has not been looked up yet. */
const UNSEEN = -2
/** The vocabulary lacks the character. */
const ABSENT = -1

/**
 * The byte-pair model. `merges` are the pairs of tokens in order of their rank.
 * Throws `tokenizer-malformed` if the vocabulary lacks a token of a merge. That it lacks the unknown token is an error
 * only when a text needs it, as in the reference.
 *
 * @example
 * const vocabulary = new Vocabulary([['a', 0], ['b', 1], ['ab', 2]], 'vocab.json')
 * const [text, sink] = [new TextBuffer(), new TokenSink()]
 * text.pushString('abb', 0, 3)
 * new BytePair(vocabulary, [['a', 'b']]).tokenize(text.units, 0, 3, sink) // ab b
 */
export class BytePair implements Model {
  readonly type = 'BPE'
  readonly options: Required<BytePairOptions>
  private readonly merges: MergeTable
  private readonly unkId: number | undefined
  private readonly prefix: string
  private readonly suffix: string
  /** The ids of the basic plane's characters, looked up when first seen: in the middle of a word, first, last, both. */
  private readonly characters: (Int32Array | undefined)[] = []
  private readonly byteIds: readonly (number | undefined)[]
  private readonly longestToken: number
  private readonly symbols = new Symbols()
  private readonly cache = new WordCache((units, start, end, out) => this.cut(units, start, end, out))

  constructor(
    readonly vocabulary: Vocabulary,
    merges: Merges,
    options: BytePairOptions = {},
  ) {
    this.options = { ...DEFAULTS, ...options }
    const { unkToken, continuingSubwordPrefix, endOfWordSuffix } = this.options
    this.prefix = continuingSubwordPrefix ?? ''
    this.suffix = endOfWordSuffix ?? ''
    this.unkId = unkToken === null ? undefined : vocabulary.idOf(unkToken)
    this.merges = new MergeTable(merges.length)
    for (const [first, second] of merges) {
      const id = (token: string): number => vocabulary.idOf(token) ?? missing(token, [first, second])
      this.merges.add(id(first), id(second), id(first + second.slice(this.prefix.length)))
    }
    this.byteIds = Array.from({ length: 256 }, (_, byte) =>
      vocabulary.idOf(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
    )
    let longest = 0
    for (const [token] of vocabulary.entries()) longest = Math.max(longest, token.length)
    this.longestToken = longest
  }

  get size(): number {
    return this.vocabulary.size
  }

  entries(): Iterable<readonly [token: string, id: number]> {
    return this.vocabulary.entries()
  }

  tokenToId(token: string): number | undefined {
    return this.vocabulary.idOf(token)
  }

  idToToken(id: number): string | undefined {
    return this.vocabulary.tokenOf(id)
  }

  tokenize(units: Uint16Array, start: number, end: number, out: TokenSink): void {
    this.cache.tokenize(units, start, end, out)
  }

  /** The pairs of tokens that are merged, in order of their rank. */
  *mergedPairs(): Iterable<Merge> {
    const token = (id: number): string => this.vocabulary.tokenOf(id) ?? ''
    for (const [first, second] of this.merges.entries()) yield [token(first), token(second)]
  }

  private cut(units: Uint16Array, start: number, end: number, out: TokenSink): void {
    if (this.options.ignoreMerges && end - start <= this.longestToken) {
      const id = this.vocabulary.idOf(unitsToString(units, start, end))
      if (id !== undefined) {
        out.push(id, start, end)
        return
      }
    }
    const { symbols } = this
    symbols.clear()
    this.spell(units, start, end)
    symbols.merge(this.merges)
    for (let i = 0; i < symbols.length; i++) out.push(symbols.ids[i]!, symbols.begins[i]!, symbols.ends[i]!)
  }

  /** Makes the word's characters symbols. */
  private spell(units: Uint16Array, start: number, end: number): void {
    const { symbols } = this
    // An unknown token waits until it is known whether the next character joins it.
    let unkBegin = -1
    let unkEnd = -1
    for (let at = start; at < end; ) {
      const codePoint = characterAt(units, at, end)
      const next = at + (codePoint > 0xffff ? 2 : 1)
      const id = this.idOfCharacter(codePoint, at === start, next === end)
      if (id !== ABSENT) {
        if (unkBegin >= 0) symbols.push(this.unkId!, unkBegin, unkEnd)
        unkBegin = -1
        symbols.push(id, at, next)
      } else if (!this.fallBack(codePoint, at, next, start, end) && this.options.unkToken !== null) {
        if (this.unkId === undefined) throw noUnknownToken(this.options.unkToken)
        if (unkBegin >= 0 && !this.options.fuseUnk) symbols.push(this.unkId, unkBegin, unkEnd)
        if (unkBegin < 0 || !this.options.fuseUnk) unkBegin = at
        unkEnd = next
      }
      at = next
    }
    if (unkBegin >= 0) symbols.push(this.unkId!, unkBegin, unkEnd)
  }

  /**
   * Spells the character `[at, next)` in bytes, if it may and can. An unknown token that waits goes on waiting, and so
   * comes after the bytes: that is the reference's order.
   */
  private fallBack(codePoint: number, at: number, next: number, start: number, end: number): boolean {
    if (!this.options.byteFallback) return false
    const ids: number[] = []
    for (const byte of new TextEncoder().encode(this.formOf(codePoint, at === start, next === end))) {
      const id = this.byteIds[byte]
      if (id === undefined) return false
      ids.push(id)
    }
    for (const id of ids) this.symbols.push(id, at, next)
    return true
  }

  private idOfCharacter(codePoint: number, first: boolean, last: boolean): number {
    if (codePoint > 0xffff) return this.vocabulary.idOf(this.formOf(codePoint, first, last)) ?? ABSENT
    const form = (this.prefix !== '' && !first ? 0 : 1) + (this.suffix !== '' && last ? 2 : 0)
    this.characters[form] ??= new Int32Array(0x10000).fill(UNSEEN)
    const table = this.characters[form]
    let id = table[codePoint]!
    if (id === UNSEEN) {
      id = this.vocabulary.idOf(this.formOf(codePoint, first, last)) ?? ABSENT
      table[codePoint] = id
    }
    return id
  }

  /** How the vocabulary spells a character at its place in the word. */
  private formOf(codePoint: number, first: boolean, last: boolean): string {
    return (first ? '' : this.prefix) + String.fromCodePoint(codePoint) + (last ? this.suffix : '')
  }

  toJson(): Json {
    const { unkToken, continuingSubwordPrefix, endOfWordSuffix, fuseUnk, byteFallback, ignoreMerges } = this.options
    return {
      type: 'BPE',
      dropout: null,
      unk_token: unkToken,
      continuing_subword_prefix: continuingSubwordPrefix,
      end_of_word_suffix: endOfWordSuffix,
      fuse_unk: fuseUnk,
      byte_fallback: byteFallback,
      ignore_merges: ignoreMerges,
      vocab: this.vocabulary.toJson(),
      merges: [...this.mergedPairs()],
    }
  }
}

function missing(token: string, merge: readonly string[]): never {
  const message = `the vocabulary has no ${JSON.stringify(token)}, which the merge ${JSON.stringify(merge.join(' '))} needs; do the files belong together?`
  throw new TokenizerError('tokenizer-malformed', message)
}

function noUnknownToken(token: string): TokenizerError {
  const message = `the text has a character that the vocabulary lacks, and so has the unknown token ${JSON.stringify(token)}; add it or name another as unk_token`
  return new TokenizerError('tokenizer-malformed', message)
}

const DEFAULTS: Required<BytePairOptions> = {
  unkToken: null,
  continuingSubwordPrefix: null,
  endOfWordSuffix: null,
  fuseUnk: false,
  byteFallback: false,
  ignoreMerges: false,
}

/** The character at `at`; half a surrogate pair is U+FFFD, which is what the reference is given. */
function characterAt(units: Uint16Array, at: number, end: number): number {
  const unit = units[at]!
  if ((unit & 0xf800) !== 0xd800) return unit
  const low = (unit & 0xfc00) === 0xd800 && at + 1 < end ? units[at + 1]! : 0
  return (low & 0xfc00) === 0xdc00 ? 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff) : 0xfffd
}
