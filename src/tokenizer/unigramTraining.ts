// Unigram training (Kudo 2018), as SentencePiece and the reference library do it: take too many pieces from what repeats
// in the words, then again and again fit their probabilities (EM over all ways to cut each word) and drop those that the
// text would miss least. One thing is different: a stretch is counted as often as its words were seen, where the
// reference counts each word once; and words that nothing else begins with are taken too. On Wikipedia that makes 2 %
// fewer tokens, and 0.8 % more likelihood.
import { PieceLattice } from './pieceLattice.js'
import { PieceTrie } from './pieceTrie.js'
import { findRepeats } from './repeats.js'
import { invalid } from './training.js'
import { countCharacters, coveringCharacters, endOf, spell, type WordText } from './wordText.js'

/** What {@link UnigramTraining} needs to know. */
export interface UnigramTrainingOptions {
  /** How many pieces to end with. */
  size: number
  /** The share of all characters that get a piece; the rarest beyond it do not. */
  characterCoverage: number
  /** The most characters of a piece. */
  maxPieceLength: number
  /** The most pieces to begin with. */
  seedSize: number
  /** How much of the pieces stays at each pruning. */
  shrinkingFactor: number
  /** How often the probabilities are fitted before each pruning. */
  subIterations: number
  /** Never become pieces: special tokens. */
  exclude: ReadonlySet<string>
}

/** A piece expected less often than this is dropped. */
const LEAST_EXPECTED = 0.5
/** How much worse than the worst piece a character is that has no piece of its own. */
const UNKNOWN_PENALTY = 10
/** Prune down to this much more than is wanted; the rest is decided by score. */
const MARGIN = 1.1
/** So much less likely each character is that comes after the least likely piece, so that all scores differ. */
const LEAST_STEP = 1e-4
const WORDS_A_YIELD = 1 << 8

/** Grows and prunes a Unigram vocabulary from counted words. */
export class UnigramTraining {
  /** The characters that get a piece, in the order of their numbers (from 1) in `text`: most frequent first. */
  readonly alphabet: readonly string[]
  private readonly alphabetCounts: readonly number[]
  private readonly text: WordText
  private readonly lattice: PieceLattice
  /** Pieces: first the alphabet's characters, never removed, then longer ones; where each stands in the text. */
  private starts = new Int32Array(0)
  private lengths = new Int32Array(0)
  private scores = new Float64Array(0)
  /** How many pieces there were at first. */
  private seeds = 0

  /** Throws `option-invalid` if there are more characters than pieces. */
  constructor(
    words: readonly (readonly [word: string, count: number])[],
    private readonly options: UnigramTrainingOptions,
  ) {
    const characters = countCharacters(words)
    this.alphabet = coveringCharacters(characters, options.characterCoverage)
    if (this.alphabet.length > options.size) {
      invalid(
        `vocabSize leaves room for ${options.size} pieces, but the texts have ${this.alphabet.length} different characters; raise it or lower characterCoverage`,
      )
    }
    this.alphabetCounts = this.alphabet.map((character) => characters.get(character) ?? 0)
    this.text = spell(words, this.alphabet)
    this.lattice = new PieceLattice(options.maxPieceLength, EMPTY)
  }

  /** How many pieces have been dropped, and how many are to be. */
  get progress(): { done: number; total: number } {
    const total = Math.max(0, this.seeds - this.options.size)
    return { done: Math.min(total, this.seeds - this.size), total }
  }

  /** Trains; yields now and then. Returns the pieces and their log-probabilities, the likeliest first. */
  *run(): Generator<undefined, [piece: string, score: number][]> {
    const { size, subIterations } = this.options
    yield* this.seed()
    const wanted = Math.max(Math.floor(size * MARGIN), this.alphabet.length)
    for (;;) {
      for (let i = 0; i < subIterations; i++) yield* this.fit()
      if (this.size <= wanted) break
      yield* this.prune(wanted)
    }
    return this.select()
  }

  /** How many pieces there are, without characters that have lost theirs. */
  private get size(): number {
    let lost = 0
    for (let id = 0; id < this.alphabet.length; id++) if (this.scores[id] === Number.NEGATIVE_INFINITY) lost++
    return this.lengths.length - lost
  }

  /** The first pieces: every character, and the stretches that repeat most. */
  private *seed(): Generator<undefined, void> {
    const { alphabet, options } = this
    const { maxPieceLength, seedSize } = options
    const repeats = yield* findRepeats(this.text, maxPieceLength)
    const weights = repeats.counts.map((count, i) => count * repeats.lengths[i]!)
    const chosen = heaviest(weights, Math.max(0, seedSize - alphabet.length))
    const all = alphabet.length + chosen.length
    this.starts = new Int32Array(all)
    this.lengths = new Int32Array(all)
    this.scores = new Float64Array(all)
    for (let id = 0; id < alphabet.length; id++) {
      this.starts[id] = -1
      this.lengths[id] = 1
      this.scores[id] = this.alphabetCounts[id]!
    }
    for (let i = 0; i < chosen.length; i++) {
      this.starts[alphabet.length + i] = repeats.starts[chosen[i]!]!
      this.lengths[alphabet.length + i] = repeats.lengths[chosen[i]!]!
      this.scores[alphabet.length + i] = weights[chosen[i]!]!
    }
    const logSum = Math.log(this.scores.reduce((sum, weight) => sum + weight, 0))
    for (let id = 0; id < all; id++) this.scores[id] = Math.log(this.scores[id]!) - logSum
    this.seeds = all
    this.rebuild()
  }

  /** One round of EM: expects, then gives each piece its digamma share, which starves rare pieces. */
  private *fit(): Generator<undefined, void> {
    const { text, lattice, scores } = this
    const expected = new Float64Array(scores.length)
    for (let word = 0; word < text.starts.length; word++) {
      const start = text.starts[word]!
      lattice.build(text.codes, start, endOf(text, word))
      lattice.expect(text.counts[word]!, expected)
      if (word % WORDS_A_YIELD === 0) yield
    }
    let sum = 0
    for (let id = 0; id < expected.length; id++) if (expected[id]! >= LEAST_EXPECTED) sum += expected[id]!
    const logSum = digamma(sum)
    for (let id = 0; id < expected.length; id++) {
      scores[id] = expected[id]! < LEAST_EXPECTED ? Number.NEGATIVE_INFINITY : digamma(expected[id]!) - logSum
    }
    this.keep((id) => scores[id] !== Number.NEGATIVE_INFINITY)
  }

  /** Drops the pieces that cost the least likelihood, but not below `wanted` or the shrinking factor's share. */
  private *prune(wanted: number): Generator<undefined, void> {
    const losses = yield* this.losses()
    const target = Math.max(wanted, Math.floor(this.size * this.options.shrinkingFactor))
    const left = target - (this.size - (this.lengths.length - this.alphabet.length))
    const kept = new Uint8Array(losses.length)
    for (const id of heaviest(losses, Math.max(0, left))) if (losses[id]! > Number.NEGATIVE_INFINITY) kept[id] = 1
    this.keep((id) => kept[id] === 1)
  }

  /**
   * What each piece is worth: how much likelihood is lost if every place where the best cuts use it is cut the next best
   * way. -Infinity if no best cut uses it; single characters have no other way and are left out (-Infinity).
   */
  private *losses(): Generator<undefined, Float64Array> {
    const { text, lattice, starts, lengths, scores } = this
    const used = new Float64Array(scores.length)
    let tokens = 0
    let words = 0
    for (let word = 0; word < text.starts.length; word++) {
      const count = text.counts[word]!
      lattice.build(text.codes, text.starts[word]!, endOf(text, word))
      lattice.best()
      for (const id of lattice.path) used[id]! += count
      tokens += count * lattice.path.length
      words += count
      if (word % WORDS_A_YIELD === 0) yield
    }
    const losses = new Float64Array(scores.length).fill(Number.NEGATIVE_INFINITY)
    const logTokens = Math.log(tokens)
    for (let id = this.alphabet.length; id < scores.length; id++) {
      const uses = used[id]!
      if (uses === 0) continue
      lattice.build(text.codes, starts[id]!, starts[id]! + lengths[id]!, id)
      lattice.best()
      // Its uses go to the pieces that stand in for it.
      const logTokensThen = Math.log(tokens + uses * (lattice.path.length - 1))
      let standIns = 0
      for (const other of lattice.path) standIns += Math.log(used[other]! + uses) - logTokensThen
      losses[id] = (uses / words) * (Math.log(uses) - logTokens - standIns)
      if (id % WORDS_A_YIELD === 0) yield
    }
    return losses
  }

  /** Drops the longer pieces that do not pass. */
  private keep(passes: (id: number) => boolean): void {
    const { starts, lengths, scores, alphabet } = this
    let kept = alphabet.length
    for (let id = alphabet.length; id < scores.length; id++) {
      if (!passes(id)) continue
      starts[kept] = starts[id]!
      lengths[kept] = lengths[id]!
      scores[kept++] = scores[id]!
    }
    this.starts = starts.slice(0, kept)
    this.lengths = lengths.slice(0, kept)
    this.scores = scores.slice(0, kept)
    this.rebuild()
  }

  /** Puts the pieces into the lattice. A character without a piece can still be passed, at the unknown's price. */
  private rebuild(): void {
    const { starts, lengths, alphabet } = this
    const trie = new PieceTrie()
    const single = new Int32Array(1)
    for (let id = 0; id < lengths.length; id++) {
      single[0] = id + 1
      if (id < alphabet.length) trie.add(single, 0, 1, id)
      else trie.add(this.text.codes, starts[id]!, lengths[id]!, id)
    }
    const unknown = this.leastScore() - UNKNOWN_PENALTY
    const scores = this.scores.map((score) => (score === Number.NEGATIVE_INFINITY ? unknown : score))
    this.lattice.pieces = { trie, lengths, scores, probabilities: scores.map(Math.exp) }
  }

  private leastScore(): number {
    let least = 0
    for (const score of this.scores) if (score < least && score !== Number.NEGATIVE_INFINITY) least = score
    return least
  }

  /** The pieces to end with: all characters, then the likeliest of the others. */
  private select(): [piece: string, score: number][] {
    const { alphabet, scores, options } = this
    // Characters that never stand alone in the fitted cuts come last, in the alphabet's order.
    let least = this.leastScore()
    const all = Array.from(scores, (score, id): [string, number] => {
      if (score === Number.NEGATIVE_INFINITY) least -= LEAST_STEP
      return [this.pieceOf(id), score === Number.NEGATIVE_INFINITY ? least : score]
    })
    const wanted = ([piece]: readonly [string, number]): boolean => !options.exclude.has(piece)
    const pieces = all.slice(0, alphabet.length).filter(wanted)
    const longer = all.slice(alphabet.length).filter(wanted).sort(byScore)
    pieces.push(...longer.slice(0, Math.max(0, options.size - pieces.length)))
    return pieces.sort(byScore)
  }

  private pieceOf(id: number): string {
    if (id < this.alphabet.length) return this.alphabet[id]!
    const start = this.starts[id]!
    let piece = ''
    for (let i = start; i < start + this.lengths[id]!; i++) piece += this.alphabet[this.text.codes[i]! - 1]!
    return piece
  }
}

const EMPTY = {
  trie: new PieceTrie(),
  lengths: new Int32Array(0),
  scores: new Float64Array(0),
  probabilities: new Float64Array(0),
}

const byScore = (a: readonly [string, number], b: readonly [string, number]): number =>
  b[1] - a[1] || (a[0] < b[0] ? -1 : 1)

/** The logarithm's "digamma" cousin: below ln(x), and the more so the smaller x is. */
function digamma(x: number): number {
  let shifted = x
  let result = 0
  while (shifted < 7) result -= 1 / shifted++
  shifted -= 0.5
  const square = 1 / (shifted * shifted)
  return (
    result + Math.log(shifted) + square * (1 / 24 - square * (7 / 960 - square * (31 / 8064 - square * (127 / 30720))))
  )
}

/** The indices of the `count` largest weights, in order; of equals, the first. */
function heaviest(weights: Float64Array, count: number): Int32Array {
  if (count >= weights.length) return Int32Array.from(weights.keys())
  const sorted = weights.slice().sort()
  const least = count === 0 ? Number.POSITIVE_INFINITY : sorted[sorted.length - count]!
  let equals = count
  for (let i = sorted.length - 1; i >= 0 && sorted[i]! > least; i--) equals--
  const chosen = new Int32Array(count)
  let at = 0
  for (let i = 0; i < weights.length && at < count; i++) {
    if (weights[i]! > least || (weights[i] === least && equals-- > 0)) chosen[at++] = i
  }
  return chosen
}
