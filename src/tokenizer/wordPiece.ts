// WordPiece: a word becomes the longest token it begins with, then the longest continuation of the rest, and so on; if
// anything is left that no token matches, the whole word is unknown. Schuster & Nakajima 2012, in BERT's form.
import { TokenizerError } from './error.js'
import type { Json } from './json.js'
import type { Model } from './steps.js'
import type { TokenSink } from './tokenSink.js'
import { Trie } from './trie.js'
import type { Vocabulary } from './vocabulary.js'
import { WordCache } from './wordCache.js'

/** WordPiece's settings. */
export interface WordPieceOptions {
  /** The token of a word that cannot be cut. Default `[UNK]`. */
  unkToken?: string
  /** What marks a token that continues a word. Default `##`. */
  continuingSubwordPrefix?: string
  /** A word of more characters (code points) is unknown at once. Default 100. */
  maxInputCharsPerWord?: number
}

/**
 * The WordPiece model. Throws `tokenizer-malformed` if the vocabulary lacks the unknown token.
 *
 * @example
 * const vocabulary = new Vocabulary([['[UNK]', 0], ['ba', 1], ['##na', 2]], 'example')
 * const [text, sink] = [new TextBuffer(), new TokenSink()]
 * text.pushString('banana', 0, 6)
 * new WordPiece(vocabulary).tokenize(text.units, 0, 6, sink) // ba ##na ##na
 */
export class WordPiece implements Model {
  readonly type = 'WordPiece'
  readonly unkToken: string
  readonly continuingSubwordPrefix: string
  readonly maxInputCharsPerWord: number
  private readonly unkId: number
  private readonly heads = new Trie()
  private readonly tails = new Trie()
  private readonly cache = new WordCache((units, start, end, out) => this.cut(units, start, end, out))

  constructor(
    private readonly vocabulary: Vocabulary,
    options: WordPieceOptions = {},
  ) {
    this.unkToken = options.unkToken ?? '[UNK]'
    this.continuingSubwordPrefix = options.continuingSubwordPrefix ?? '##'
    this.maxInputCharsPerWord = options.maxInputCharsPerWord ?? 100
    const unkId = vocabulary.idOf(this.unkToken)
    if (unkId === undefined) {
      throw new TokenizerError(
        'tokenizer-malformed',
        `the vocabulary has no ${JSON.stringify(this.unkToken)}, the token for unknown words; add it or name another as unk_token`,
      )
    }
    this.unkId = unkId
    const prefix = this.continuingSubwordPrefix
    for (const [token, id] of vocabulary.entries()) {
      this.heads.add(token, id)
      if (token.startsWith(prefix)) this.tails.add(token.slice(prefix.length), id)
    }
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

  private cut(units: Uint16Array, start: number, end: number, out: TokenSink): void {
    const first = out.length
    if (!this.isTooLong(units, start, end)) {
      let at = start
      while (at < end) {
        const trie = at === start ? this.heads : this.tails
        if (!trie.longest(units, at, end)) break
        out.push(trie.value, at, trie.end)
        at = trie.end
      }
      if (at === end) return
    }
    out.length = first
    out.push(this.unkId, start, end)
  }

  private isTooLong(units: Uint16Array, start: number, end: number): boolean {
    if (end - start <= this.maxInputCharsPerWord) return false
    let characters = 0
    for (let i = start; i < end; i++) {
      const second = i > start && (units[i]! & 0xfc00) === 0xdc00 && (units[i - 1]! & 0xfc00) === 0xd800
      if (!second && ++characters > this.maxInputCharsPerWord) return true
    }
    return false
  }

  toJson(): Json {
    return {
      type: 'WordPiece',
      unk_token: this.unkToken,
      continuing_subword_prefix: this.continuingSubwordPrefix,
      max_input_chars_per_word: this.maxInputCharsPerWord,
      vocab: this.vocabulary.toJson(),
    }
  }
}
