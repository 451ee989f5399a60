// The tokenizer: runs text through its steps (see steps.ts) and back.
import type { AddedToken } from './addedTokens.js'
import { AddedTokenMatcher } from './addedTokens.js'
import { assemble, type Tokens } from './assemble.js'
import type { Encoding } from './encoding.js'
import { readFiles, type TokenizerFiles } from './files.js'
import { OffsetTrimmer } from './offsetTrimmer.js'
import type { Decoder, Model, Normalizer, PreTokenizer } from './steps.js'
import { Surfaces } from './surfaces.js'
import { addedCount, type Template } from './template.js'
import { TextBuffer } from './textBuffer.js'
import { TokenSink } from './tokenSink.js'
import { type TruncationOptions, truncate } from './truncation.js'
import { writeFiles } from './writeFiles.js'

/** A special token and its id. */
export interface SpecialToken {
  readonly token: string
  readonly id: number
}

/** The tokens with a role of their own; undefined where the tokenizer has none. */
export interface SpecialTokens {
  readonly cls: SpecialToken | undefined
  readonly sep: SpecialToken | undefined
  readonly pad: SpecialToken | undefined
  readonly unk: SpecialToken | undefined
  readonly mask: SpecialToken | undefined
}

/** The name of a special token's role. */
export type SpecialRole = keyof SpecialTokens

/** Options of {@link Tokenizer.encode}. */
export interface EncodeOptions {
  /** A second text, encoded after the first. An empty one counts as a text. */
  pair?: string
  /** Put the template's special tokens around the text. Default true. */
  addSpecialTokens?: boolean
  /** Cut what is longer than the model can take. Default: nothing is cut. */
  truncation?: TruncationOptions
}

/** Everything a {@link Tokenizer} is made of. */
export interface TokenizerParts {
  readonly normalizer: Normalizer | undefined
  readonly preTokenizer: PreTokenizer | undefined
  readonly model: Model
  readonly template: Template
  readonly decoder: Decoder
  readonly addedTokens: readonly AddedToken[]
  readonly specialTokens: SpecialTokens
  readonly modelMaxLength: number | undefined
}

/**
 * A tokenizer: text to token ids and back, the same ids as the reference library gives.
 *
 * @example
 * import { readFile } from 'node:fs/promises'
 * const tokenizer = Tokenizer.fromFiles({ 'tokenizer.json': await readFile('models/electra/tokenizer.json', 'utf8') })
 * const { ids, tokens, offsets } = tokenizer.encode('Kathmandu is city of Temples and Gods.')
 * tokenizer.decode(ids, { skipSpecialTokens: true })
 */
export class Tokenizer {
  /** How many ids there are, added tokens included. */
  readonly vocabSize: number
  /** The tokens with a role: `tokenizer.specialTokens.mask?.id`. */
  readonly specialTokens: SpecialTokens
  /** The ids that `decode` leaves out with `skipSpecialTokens`. */
  readonly specialIds: ReadonlySet<number>
  /** The most tokens the model takes, if the files say so. */
  readonly modelMaxLength: number | undefined
  /** The steps, for those who look inside. */
  readonly parts: TokenizerParts
  private readonly addedByContent = new Map<string, number>()
  private readonly addedById = new Map<number, string>()
  private readonly raw: AddedTokenMatcher
  private readonly normalized: AddedTokenMatcher
  private readonly trimmer: OffsetTrimmer | undefined
  private readonly buffer = new TextBuffer()
  private readonly sink = new TokenSink()

  /** Puts a tokenizer together from its steps; {@link Tokenizer.fromFiles} is the usual way. */
  constructor(parts: TokenizerParts) {
    this.parts = parts
    this.specialTokens = parts.specialTokens
    this.modelMaxLength = parts.modelMaxLength
    let beyond = 0
    for (const token of parts.addedTokens) {
      if (parts.model.idToToken(token.id) === undefined && !this.addedById.has(token.id)) beyond++
      this.addedByContent.set(token.content, token.id)
      this.addedById.set(token.id, token.content)
    }
    this.vocabSize = parts.model.size + beyond
    this.specialIds = new Set(parts.addedTokens.filter((token) => token.special).map((token) => token.id))
    const patterns = (normalized: boolean): [AddedToken, string][] =>
      parts.addedTokens
        .filter((token) => token.normalized === normalized)
        .map((token) => [token, normalized ? this.normalForm(token.content) : token.content])
    this.raw = new AddedTokenMatcher(patterns(false))
    this.normalized = new AddedTokenMatcher(patterns(true))
    const { trim } = parts.template
    this.trimmer = trim?.trimOffsets === true ? new OffsetTrimmer(trim, this.tokenOf, this.vocabSize) : undefined
  }

  /**
   * A tokenizer from the contents of its files: `tokenizer.json`, or `vocab.txt` (WordPiece), or `vocab.json` and
   * `merges.txt` (RoBERTa's byte-pair encoding), or `spiece.model` (ALBERT's Unigram; as bytes), with
   * `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` if there are any. Where both say how to
   * normalise, an explicit value in tokenizer_config.json (`do_lower_case`, `strip_accents`, `tokenize_chinese_chars`; with
   * Unigram `do_lower_case`, `keep_accents`; with byte-pair encoding `add_prefix_space`, `trim_offsets`) wins, else
   * tokenizer.json's own normalizer holds; a vocab.txt or spiece.model alone is taken as lower-casing. All forms of a
   * tokenizer give the same ids: a spiece.model those of ALBERT's published tokenizer.json, where transformers 5.17 has
   * others of its own (pieces such as `2019,` stay whole, and `( ) " - . – £ €` are added tokens).
   * Throws {@link TokenizerError}: `tokenizer-malformed`, or `tokenizer-unsupported` for a step not built here.
   *
   * @example
   * const vocabulary = '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nKathmandu\ncity\n' // one token a line
   * Tokenizer.fromFiles({ 'vocab.txt': vocabulary, 'tokenizer_config.json': '{"do_lower_case": false}' })
   */
  static fromFiles(files: TokenizerFiles): Tokenizer {
    return new Tokenizer(readFiles(files))
  }

  /**
   * The files that {@link Tokenizer.fromFiles}, transformers' AutoTokenizer and the reference library read.
   *
   * @example
   * import { writeFile } from 'node:fs/promises'
   * const tokenizer = await loadTokenizer('models/electra')
   * for (const [name, text] of Object.entries(tokenizer.toFiles())) await writeFile(`models/mine/${name}`, text)
   */
  toFiles(): Record<string, string> {
    return writeFiles(this.parts)
  }

  /**
   * Encodes a text, or two.
   * Throws {@link TokenizerError}: `truncation-impossible` if `options.truncation` cannot be met.
   *
   * @example
   * const tokenizer = await loadTokenizer('models/electra')
   * tokenizer.encode('Who?', { pair: 'Somebody did.', truncation: { maxLength: 384, strategy: 'only_second', stride: 128 } })
   */
  encode(text: string, options: EncodeOptions = {}): Encoding {
    const { pair, addSpecialTokens = true, truncation } = options
    const sequences = [this.tokensOf(text)]
    if (pair !== undefined) sequences.push(this.tokensOf(pair))
    const { single, pair: double } = this.parts.template
    const template = pair === undefined ? single : double
    const pieces = addSpecialTokens ? template : template.filter((piece) => 'sequence' in piece)
    const [first = 0, second] = sequences.map((tokens) => tokens.ids.length)
    const cut =
      truncation === undefined
        ? { first: [[0, first] as const], second: second === undefined ? [] : [[0, second] as const] }
        : truncate(first, second, addedCount(pieces), truncation)
    return assemble(sequences, cut, pieces, this.tokenOf, this.trimmer)
  }

  /**
   * The ids of a text without special tokens, offsets or anything else: the fast way, for corpora.
   *
   * @example
   * const tokenizer = await loadTokenizer('models/electra')
   * tokenizer.encodeIds('hello world') // Int32Array [7592, 2088]
   */
  encodeIds(text: string): Int32Array {
    this.run(text, false)
    return this.sink.ids.slice(0, this.sink.length)
  }

  /**
   * The text of token ids. Ids that the tokenizer does not know are passed over.
   *
   * @example
   * const tokenizer = await loadTokenizer('models/electra')
   * tokenizer.decode([101, 7592, 102], { skipSpecialTokens: true }) // 'hello'
   */
  decode(ids: Iterable<number>, options: { skipSpecialTokens?: boolean } = {}): string {
    const tokens: string[] = []
    for (const id of ids) {
      if (options.skipSpecialTokens === true && this.specialIds.has(id)) continue
      const token = this.idToToken(id)
      if (token !== undefined) tokens.push(token)
    }
    return this.parts.decoder.decode(tokens)
  }

  /** A token's id; undefined if there is no such token. */
  tokenToId(token: string): number | undefined {
    return this.addedByContent.get(token) ?? this.parts.model.tokenToId(token)
  }

  /** An id's token; undefined if there is no such id. */
  idToToken(id: number): string | undefined {
    return this.addedById.get(id) ?? this.parts.model.idToToken(id)
  }

  private readonly tokenOf = (id: number): string => this.idToToken(id) ?? ''

  /** Runs a text through the steps, and copies its tokens out with offsets in the text itself. */
  private tokensOf(text: string): Tokens {
    this.run(text, true)
    const { sink } = this
    return {
      text,
      ids: sink.ids.slice(0, sink.length),
      begins: sink.begins.slice(0, sink.length),
      ends: sink.ends.slice(0, sink.length),
      words: sink.words.slice(0, sink.length),
      surfaces: sink.surfaces.size > 0 ? sink.surfaces.copy() : NO_SURFACES,
    }
  }

  private run(text: string, tracked: boolean): void {
    const { sink } = this
    sink.reset(tracked)
    this.raw.cut(text, (start, end, token) => {
      if (token === undefined) this.runPiece(text, start, end)
      else this.pushAdded(token, text, start, end, start, end)
    })
  }

  /** A stretch of the text without added tokens: normalises it, then looks for those that match normalised text. */
  private runPiece(text: string, start: number, end: number): void {
    const { buffer, sink, normalized } = this
    const { normalizer, model } = this.parts
    buffer.reset(sink.tracked || this.parts.preTokenizer?.needsPlaces === true, end - start)
    if (normalizer === undefined) for (let i = start; i < end; i++) buffer.push(text.charCodeAt(i), i, i + 1)
    else normalizer.normalize(text, start, end, buffer)
    if (normalized.isEmpty) {
      this.runWords(model, 0, buffer.length)
      return
    }
    const normalText = normalizer === undefined ? text.slice(start, end) : buffer.slice()
    normalized.cut(normalText, (from, to, token) => {
      if (token === undefined) this.runWords(model, from, to)
      else this.pushAdded(token, normalText, from, to, buffer.from[from] ?? 0, buffer.to[to - 1] ?? 0)
    })
  }

  private runWords(model: Model, start: number, end: number): void {
    const { buffer, sink } = this
    const { preTokenizer } = this.parts
    const word = (from: number, to: number, written: TextBuffer = buffer): void => {
      const first = sink.length
      model.tokenize(written.units, from, to, sink)
      sink.word++
      if (!sink.tracked) return
      const { begins, ends } = sink
      for (let i = first; i < sink.length; i++) {
        begins[i] = written.from[begins[i]!]!
        ends[i] = written.to[ends[i]! - 1]!
      }
    }
    if (preTokenizer !== undefined) preTokenizer.split(buffer, start, end, word)
    else if (end > start) word(start, end)
  }

  /** `text[start, end)` is the token with what it swallowed; `begin` and `stop` are its offsets. */
  private pushAdded(token: AddedToken, text: string, start: number, end: number, begin: number, stop: number): void {
    const { sink } = this
    if (sink.tracked && (token.lstrip || token.rstrip || token.normalized)) {
      const surface = text.slice(start, end)
      if (surface !== token.content) sink.surfaces.set(sink.length, surface)
    }
    sink.push(token.id, begin, stop)
    sink.word++
  }

  private normalForm(text: string): string {
    const { normalizer } = this.parts
    if (normalizer === undefined) return text
    const buffer = new TextBuffer()
    normalizer.normalize(text, 0, text.length, buffer)
    return buffer.slice()
  }
}

const NO_SURFACES = new Surfaces()
