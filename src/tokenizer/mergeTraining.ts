// Vocabulary by merging (Sennrich et al. 2016): start from characters, and again and again make a token of the most
// frequent pair of neighbours. The reference library trains WordPiece this way too, and so does bertkin: same order of
// ids, same ties, same counts. A merge touches only the words that hold its pair.
import { MergeQueue } from './mergeQueue.js'
import { PairTable } from './pairTable.js'

/** What {@link mergeTraining} needs to know. */
export interface MergeTrainingOptions {
  vocabSize: number
  /** A pair seen less often is not merged. */
  minFrequency: number
  /** The most characters kept (each counted once, whether it begins or continues words); undefined: all. */
  limitAlphabet: number | undefined
  /** Characters that are kept whether the words have them or not. Default: none. */
  initialAlphabet?: readonly string[]
  /** These get the first ids, in this order. */
  specialTokens: readonly string[]
  /** What marks a token inside a word; empty for none. */
  continuingSubwordPrefix: string
}

/** The words as rows of token ids that shrink in place. */
interface Words {
  readonly symbols: Int32Array
  readonly starts: Int32Array
  readonly lengths: Int32Array
  readonly counts: Float64Array
}

/** Grows a vocabulary from counted words; call {@link MergeTraining.step} until it returns false. */
export class MergeTraining {
  /** The tokens so far, in order of their ids. */
  readonly tokens: string[] = []
  /** The pairs merged so far, first things first. */
  readonly merges: [first: string, second: string][] = []
  private readonly ids = new Map<string, number>()
  private readonly words: Words
  private readonly pairs = new PairTable()
  private readonly queue = new MergeQueue()
  /** Words in which a pair has newly appeared, by the pair's index, until they are queued. */
  private appeared = new Map<number, number[]>()

  constructor(
    words: readonly (readonly [word: string, count: number])[],
    private readonly options: MergeTrainingOptions,
  ) {
    for (const token of options.specialTokens) this.idOf(token)
    const alphabet = this.chooseAlphabet(words)
    for (const character of alphabet) this.idOf(character)
    this.words = this.spell(words, new Set(alphabet))
    this.countPairs()
  }

  /** Merges the most frequent pair. False when the vocabulary is full or no pair is frequent enough. */
  step(): boolean {
    const { options, pairs, queue, tokens } = this
    while (tokens.length < options.vocabSize) {
      const top = queue.pop()
      if (top === undefined) return false
      const count = pairs.counts[pairs.index(top.first, top.second)]!
      if (count !== top.count) {
        // Other merges have eaten some of it since it was queued.
        top.count = count
        queue.push(top)
        continue
      }
      if (count < 1 || count < options.minFrequency) return false
      const prefix = options.continuingSubwordPrefix
      const first = tokens[top.first]!
      const second = tokens[top.second]!
      this.merges.push([first, second])
      const merged = first + (second.startsWith(prefix) ? second.slice(prefix.length) : second)
      const id = this.idOf(merged)
      for (const word of top.words) this.mergeIn(word, top.first, top.second, id)
      this.enqueueAppeared()
      return true
    }
    return false
  }

  private idOf(token: string): number {
    let id = this.ids.get(token)
    if (id === undefined) {
      id = this.tokens.push(token) - 1
      this.ids.set(token, id)
    }
    return id
  }

  /** The characters to keep, by code point; if there are too many, the most frequent. */
  private chooseAlphabet(words: readonly (readonly [word: string, count: number])[]): string[] {
    const counts = new Map<string, number>()
    for (const [word, count] of words) {
      for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count)
    }
    // The reference never drops these, however rare they are.
    for (const character of this.options.initialAlphabet ?? []) counts.set(character, Number.MAX_VALUE)
    const byCodePoint = (a: string, b: string): number => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0)
    let kept = [...counts.keys()].sort(byCodePoint)
    const limit = this.options.limitAlphabet
    if (limit !== undefined && kept.length > limit) {
      kept = kept
        .sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0))
        .slice(0, limit)
        .sort(byCodePoint)
    }
    return kept
  }

  /** Writes each word as ids of single characters; characters that were not kept are left out. */
  private spell(words: readonly (readonly [word: string, count: number])[], alphabet: ReadonlySet<string>): Words {
    const prefix = this.options.continuingSubwordPrefix
    // The reference gives ids to continuing characters as it meets them in a hash table's order, which changes from
    // run to run; here they come by code point.
    const inside = new Set<string>()
    let total = 0
    for (const [word] of words) {
      total += word.length
      let first = true
      for (const character of word) {
        if (!first && alphabet.has(character)) inside.add(character)
        first = false
      }
    }
    for (const character of alphabet) if (inside.has(character)) this.idOf(prefix + character)
    const symbols = new Int32Array(total)
    const starts = new Int32Array(words.length)
    const lengths = new Int32Array(words.length)
    const counts = new Float64Array(words.length)
    let at = 0
    for (const [i, [word, count]] of words.entries()) {
      starts[i] = at
      counts[i] = count
      let first = true
      for (const character of word) {
        if (alphabet.has(character)) symbols[at++] = this.idOf(first ? character : prefix + character)
        first = false
      }
      lengths[i] = at - starts[i]!
    }
    return { symbols, starts, lengths, counts }
  }

  private countPairs(): void {
    const { symbols, starts, lengths, counts } = this.words
    for (let word = 0; word < starts.length; word++) {
      const end = starts[word]! + lengths[word]!
      for (let i = starts[word]! + 1; i < end; i++) this.change(symbols[i - 1]!, symbols[i]!, word, counts[word]!)
    }
    this.enqueueAppeared()
  }

  /** Adds to a pair's count; more than 0 means that the pair has appeared in the word. */
  private change(first: number, second: number, word: number, by: number): void {
    const pair = this.pairs.index(first, second)
    this.pairs.counts[pair] = this.pairs.counts[pair]! + by
    if (by < 0) return
    const words = this.appeared.get(pair)
    if (words === undefined) this.appeared.set(pair, [word])
    else if (words.at(-1) !== word) words.push(word)
  }

  private enqueueAppeared(): void {
    for (const [pair, words] of this.appeared) {
      const count = this.pairs.counts[pair]!
      const [first, second] = this.pairs.pair(pair)
      if (count > 0) this.queue.push({ count, first, second, words })
    }
    this.appeared = new Map()
  }

  private mergeIn(word: number, first: number, second: number, id: number): void {
    const { symbols, starts, lengths, counts } = this.words
    const start = starts[word]!
    const count = counts[word]!
    let end = start + lengths[word]!
    for (let i = start; i + 1 < end; i++) {
      if (symbols[i] !== first || symbols[i + 1] !== second) continue
      if (i > start) {
        this.change(symbols[i - 1]!, first, word, -count)
        this.change(symbols[i - 1]!, id, word, count)
      }
      symbols[i] = id
      symbols.copyWithin(i + 1, i + 2, end)
      end--
      if (i + 1 < end) {
        this.change(second, symbols[i + 1]!, word, -count)
        this.change(id, symbols[i + 1]!, word, count)
      }
    }
    lengths[word] = end - start
  }
}
