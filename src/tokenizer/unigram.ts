// Unigram: of all ways to cut a word into tokens, the one whose tokens' scores (log probabilities) have the greatest
// sum. Kudo 2018, in the form of SentencePiece and of the reference library, whose choice among equals it shares.
import { TokenizerError } from './error.js'
import type { Json } from './json.js'
import type { Model } from './steps.js'
import { unitsToString } from './textBuffer.js'
import { TokenSink } from './tokenSink.js'
import { Trie } from './trie.js'
import { WordCache } from './wordCache.js'

/** How much worse than the worst token an unknown character is. */
const UNKNOWN_PENALTY = 10
const INITIAL = 1 << 8
/** Arrays that one huge word has blown up are let go rather than kept for ever. */
const KEEP = 1 << 20

/** Unigram's settings. */
export interface UnigramOptions {
  /** The id of what no token covers; without one, such text is an error. */
  unkId?: number
  /** Spell out what no token covers as bytes, `<0x00>` to `<0xFF>`, if the vocabulary has them all. Default false. */
  byteFallback?: boolean
}

/**
 * The Unigram model. Throws `tokenizer-malformed` if `unkId` is not an id of the vocabulary.
 *
 * @example
 * const [text, sink] = [new TextBuffer(), new TokenSink()]
 * text.pushString('▁banana', 0, 7)
 * const model = new Unigram([['<unk>', 0], ['▁ba', -1], ['na', -2], ['▁banan', -9], ['a', -3]], { unkId: 0 })
 * model.tokenize(text.units, 0, 7, sink) // ▁ba na na
 */
export class Unigram implements Model {
  readonly type = 'Unigram'
  private readonly ids = new Map<string, number>()
  private readonly trie = new Trie()
  private readonly scores: Float64Array
  private readonly unknownScore: number
  private readonly unkId: number
  private readonly byteFallback: boolean
  private readonly cache = new WordCache((units, start, end, out) => this.cut(units, start, end, out))
  // Of the best way to each position of a word: its score, where its last token begins and which one that is.
  private best = new Float64Array(INITIAL)
  private begins = new Int32Array(INITIAL)
  private tokens = new Int32Array(INITIAL)
  private path = new Int32Array(INITIAL)
  private readonly scratch = new TokenSink()

  /** `vocabulary`: each token with its score; its place in the list is its id. */
  constructor(
    private readonly vocabulary: readonly (readonly [token: string, score: number])[],
    options: UnigramOptions = {},
  ) {
    this.unkId = options.unkId ?? -1
    this.byteFallback = options.byteFallback ?? false
    if (options.unkId !== undefined && this.unkId >= vocabulary.length) {
      throw new TokenizerError(
        'tokenizer-malformed',
        `unk_id is ${this.unkId}, but the vocabulary has ${vocabulary.length} tokens; name one of them`,
      )
    }
    this.scores = new Float64Array(vocabulary.length)
    let least = Number.POSITIVE_INFINITY
    for (const [id, [token, score]] of vocabulary.entries()) {
      this.scores[id] = scoreAsRead(score)
      least = Math.min(least, this.scores[id]!)
      this.ids.set(token, id)
      this.trie.add(token, id)
    }
    this.unknownScore = least - UNKNOWN_PENALTY
  }

  get size(): number {
    return this.vocabulary.length
  }

  entries(): Iterable<readonly [token: string, id: number]> {
    return this.ids
  }

  tokenToId(token: string): number | undefined {
    return this.ids.get(token)
  }

  idToToken(id: number): string | undefined {
    return this.vocabulary[id]?.[0]
  }

  tokenize(units: Uint16Array, start: number, end: number, out: TokenSink): void {
    if (this.byteFallback) {
      this.tokenizeToBytes(units, start, end, out)
      return
    }
    const first = out.length
    this.cache.tokenize(units, start, end, out)
    if (!out.tracked) return
    for (let i = first; i < out.length; i++) {
      if (out.ids[i] !== this.unkId) continue
      // The text of an unknown token is what it stands for.
      out.surfaces.setUnits(i, units, out.begins[i]!, out.ends[i]!)
    }
  }

  private tokenizeToBytes(units: Uint16Array, start: number, end: number, out: TokenSink): void {
    const { scratch, unkId } = this
    scratch.reset(true)
    this.cache.tokenize(units, start, end, scratch)
    for (let i = 0; i < scratch.length; i++) {
      const [id, from, to] = [scratch.ids[i]!, scratch.begins[i]!, scratch.ends[i]!]
      if (id !== unkId) {
        out.push(id, from, to)
        continue
      }
      const text = unitsToString(units, from, to)
      const bytes = this.bytesOf(text)
      if (bytes !== undefined) for (const byte of bytes) out.push(byte, from, to)
      else {
        if (out.tracked) out.surfaces.setUnits(out.length, units, from, to)
        out.push(id, from, to)
      }
    }
  }

  /** The ids of the text's bytes; undefined if the vocabulary lacks one of them. */
  private bytesOf(text: string): number[] | undefined {
    const ids: number[] = []
    for (const byte of new TextEncoder().encode(text)) {
      const id = this.ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
      if (id === undefined) return undefined
      ids.push(id)
    }
    return ids
  }

  /** The Viterbi algorithm: the best way to each position of the word, from left to right. */
  private cut(units: Uint16Array, start: number, end: number, out: TokenSink): void {
    const size = end - start
    this.reserve(size + 1)
    const { best, begins, tokens, trie, scores, unknownScore } = this
    begins.fill(-1, 0, size + 1)
    best[0] = 0
    for (let at = 0; at < size; ) {
      const width = (units[start + at]! & 0xfc00) === 0xd800 && at + 1 < size && isLow(units[start + at + 1]!) ? 2 : 1
      const here = best[at]!
      let whole = false // some token is this one character
      let node = 0
      for (let to = at + 1; to <= size; to++) {
        node = trie.child(node, units[start + to - 1]!)
        if (node < 0) break
        const id = trie.valueAt(node)
        if (id < 0) continue
        const score = scores[id]! + here
        // Of equal ways, the one found first stays.
        if (begins[to]! < 0 || score > best[to]!) {
          best[to] = score
          begins[to] = at
          tokens[to] = id
        }
        if (to - at === width) whole = true
      }
      const to = at + width
      if (!whole && (begins[to]! < 0 || unknownScore + here > best[to]!)) {
        if (this.unkId < 0) this.refuse(units, start + at, start + to)
        best[to] = unknownScore + here
        begins[to] = at
        tokens[to] = this.unkId
      }
      at = to
    }
    this.pushPath(units, start, size, out)
  }

  /** Pushes the tokens of the best way to the word's end; neighbours that are unknown become one. */
  private pushPath(units: Uint16Array, start: number, size: number, out: TokenSink): void {
    const { begins, tokens, path, unkId } = this
    for (let at = size; at > 0; at = begins[at]!) path[begins[at]!] = at
    for (let at = 0; at < size; ) {
      let to = path[at]!
      let id = tokens[to]!
      if (id === unkId) {
        while (to < size && tokens[path[to]!] === unkId) to = path[to]!
        // The run of them may after all be a token, though one too bad to be chosen.
        id = this.exactly(units, start + at, start + to)
      }
      out.push(id, start + at, start + to)
      at = to
    }
  }

  private exactly(units: Uint16Array, start: number, end: number): number {
    let node = 0
    for (let i = start; i < end && node >= 0; i++) node = this.trie.child(node, units[i]!)
    const id = node < 0 ? -1 : this.trie.valueAt(node)
    return id < 0 ? this.unkId : id
  }

  private refuse(units: Uint16Array, start: number, end: number): never {
    const text = JSON.stringify(unitsToString(units, start, end))
    throw new TokenizerError(
      'tokenizer-malformed',
      `the text has ${text}, which no token covers, and the vocabulary has no token for unknown text; set unk_id`,
    )
  }

  private reserve(size: number): void {
    if (size <= this.best.length && (this.best.length <= KEEP || size > KEEP)) return
    const length = Math.max(INITIAL, 2 ** Math.ceil(Math.log2(size)))
    this.best = new Float64Array(length)
    this.begins = new Int32Array(length)
    this.tokens = new Int32Array(length)
    this.path = new Int32Array(length)
  }

  toJson(): Json {
    return {
      type: 'Unigram',
      unk_id: this.unkId < 0 ? null : this.unkId,
      vocab: this.vocabulary,
      byte_fallback: this.byteFallback,
    }
  }
}

function isLow(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00
}

/**
 * The score as the reference reads it from tokenizer.json: the digits as a whole number, divided by a power of ten. With
 * 16 digits and more that can be off by the last bit, and then decides which of two equal ways is the better one.
 */
function scoreAsRead(score: number): number {
  const [, whole = '', fraction = '', exponent = '0'] =
    /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(Math.abs(score))) ?? []
  const power = Number(exponent) - fraction.length
  const digits = Number(whole + fraction)
  let read = digits
  if (power > 0) read = digits * Number(`1e${power}`)
  else if (power >= -308) read = digits / Number(`1e${-power}`)
  else read = digits / 1e308 / Number(`1e${-power - 308}`)
  return score < 0 ? -read : read
}
