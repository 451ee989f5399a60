// Which stretches of text repeat: what a Unigram vocabulary is first taken from. A suffix array, sorted only as deep as
// the longest stretch that is wanted (prefix doubling, Manber and Myers 1993), and the intervals of equal prefixes in it
// (Abouelhoda et al. 2004). Memory grows with the text alone, not with how much of it repeats.
import type { WordText } from './wordText.js'

/** Stretches of a {@link WordText} that repeat. */
export interface Repeats {
  /** Where the stretch stands (once, of several times). */
  readonly starts: Int32Array
  readonly lengths: Int32Array
  /** How often it stands there, each word counted as often as it was seen. */
  readonly counts: Float64Array
}

/**
 * The stretches of 2 to `longest` characters that stand in the words at least twice and that are not always followed by
 * one and the same character; and the whole words seen at least twice. Yields now and then, so that the caller can let
 * other work run.
 */
export function* findRepeats(text: WordText, longest: number): Generator<undefined, Repeats> {
  const order = yield* sortSuffixes(text.codes, longest)
  const found = new RepeatList()
  yield* collectIntervals(text, order, longest, found)
  return found.take()
}

/** The positions of `codes` in the order of what follows them, as far as `depth` characters or somewhat further. */
function* sortSuffixes(codes: Int32Array, depth: number): Generator<undefined, Int32Array> {
  const { length } = codes
  const order = new Int32Array(length)
  const tallies = new Int32Array(Math.max(length, codes.reduce(larger, 0) + 1) + 1)
  let ranks = codes.slice()
  let next = Int32Array.from(codes.keys())
  for (let known = 0; known < depth; known = Math.max(1, 2 * known)) {
    if (known > 0) orderByLater(order, known, next)
    tallies.fill(0)
    for (let i = 0; i < length; i++) tallies[ranks[i]! + 1]!++
    for (let i = 1; i < tallies.length; i++) tallies[i]! += tallies[i - 1]!
    for (let i = 0; i < length; i++) order[tallies[ranks[next[i]!]!]!++] = next[i]!
    const classes = rankSuffixes(order, ranks, known, next)
    const finer = next
    next = ranks
    ranks = finer
    yield
    if (classes === length) break
  }
  return order
}

/** Orders positions by what comes `known` characters later: the order found so far, moved to the left. */
function orderByLater(order: Int32Array, known: number, out: Int32Array): void {
  const { length } = order
  let at = 0
  for (let i = Math.max(0, length - known); i < length; i++) out[at++] = i
  for (let i = 0; i < length; i++) if (order[i]! >= known) out[at++] = order[i]! - known
}

/** Numbers the suffixes anew, those that are still equal alike; returns how many numbers there are. */
function rankSuffixes(order: Int32Array, ranks: Int32Array, known: number, out: Int32Array): number {
  const { length } = order
  let last = 0
  for (let i = 0; i < length; i++) {
    const here = order[i]!
    if (i > 0) {
      const before = order[i - 1]!
      const same =
        ranks[before] === ranks[here] &&
        (known === 0 ||
          (before + known < length && here + known < length && ranks[before + known] === ranks[here + known]))
      if (!same) last++
    }
    out[here] = last
  }
  return last + 1
}

/** Walks the sorted suffixes and adds every stretch that several of them, next to each other, begin with. */
function* collectIntervals(
  text: WordText,
  order: Int32Array,
  longest: number,
  found: RepeatList,
): Generator<undefined, void> {
  const { codes, counts } = text
  const words = wordsByPosition(text)
  // The stretches that go on: their lengths, ever longer, and what had been counted when each began.
  const lengths = new Int32Array(longest + 1)
  const begins = new Float64Array(longest + 1)
  let open = 0
  let counted = 0
  let sharedBefore = 0
  // The separators' suffixes come first.
  for (let i = text.starts.length + 1; i < order.length; i++) {
    const here = order[i]!
    const count = counts[words[here]!]!
    const shared = i + 1 < order.length ? sharedLength(codes, here, order[i + 1]!, longest) : 0
    if (count > 1 && codes[here - 1] === 0) {
      const length = lengthOfWord(codes, here, longest)
      if (length > Math.max(1, shared, sharedBefore)) found.add(here, length, count)
    }
    let begin = counted
    counted += count
    while (open > 0 && lengths[open - 1]! > shared) {
      begin = begins[--open]!
      found.add(here, lengths[open]!, counted - begin)
    }
    if (shared > 1 && (open === 0 || lengths[open - 1]! < shared)) {
      lengths[open] = shared
      begins[open++] = begin
    }
    sharedBefore = shared
    if ((i & 0xffff) === 0) yield
  }
}

/** How many characters two suffixes begin with alike, up to the end of a word and up to `longest`. */
function sharedLength(codes: Int32Array, a: number, b: number, longest: number): number {
  let length = 0
  while (length < longest && codes[a + length] === codes[b + length] && codes[a + length] !== 0) length++
  return length
}

/** The length of the word that begins at `start`; 0 if it is longer than `longest`. */
function lengthOfWord(codes: Int32Array, start: number, longest: number): number {
  for (let length = 1; length <= longest; length++) if (codes[start + length] === 0) return length
  return 0
}

/** Which word each position lies in. */
function wordsByPosition({ codes, starts }: WordText): Int32Array {
  const words = new Int32Array(codes.length)
  for (let word = 0; word < starts.length; word++) {
    for (let i = starts[word]!; codes[i] !== 0; i++) words[i] = word
  }
  return words
}

const larger = (a: number, b: number): number => (a > b ? a : b)

/** Grows as stretches are found. */
class RepeatList {
  private size = 0
  private starts = new Int32Array(1 << 12)
  private lengths = new Int32Array(1 << 12)
  private counts = new Float64Array(1 << 12)

  add(start: number, length: number, count: number): void {
    if (this.size === this.starts.length) {
      this.starts = grown(this.starts, new Int32Array(2 * this.size))
      this.lengths = grown(this.lengths, new Int32Array(2 * this.size))
      this.counts = grown(this.counts, new Float64Array(2 * this.size))
    }
    this.starts[this.size] = start
    this.lengths[this.size] = length
    this.counts[this.size++] = count
  }

  take(): Repeats {
    const { starts, lengths, counts, size } = this
    return { starts: starts.subarray(0, size), lengths: lengths.subarray(0, size), counts: counts.subarray(0, size) }
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, into: T): T {
  into.set(from)
  return into
}
