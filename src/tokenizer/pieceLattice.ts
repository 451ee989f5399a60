// All the ways to cut a word into pieces, as a lattice over the word's characters: what Unigram training sums and
// searches over (Kudo 2018). A trie finds the pieces at each character; sums run over probabilities themselves, with the
// scale taken out when they become small, so that no logarithm is needed along the way.
import type { PieceTrie } from './pieceTrie.js'

/** Sums this small are scaled up, by as much. */
const TINY = 2 ** -128
const LOG_TINY = -128 * Math.LN2

/** The pieces as the lattice sees them; a piece's id is its index. */
export interface LatticePieces {
  readonly trie: PieceTrie
  /** How many characters each has. */
  readonly lengths: Int32Array
  /** Each one's probability; 0 takes a piece out of all lattices. */
  readonly probabilities: Float64Array
  /** The natural logarithms of `probabilities`. */
  readonly scores: Float64Array
}

/** The lattice of one word after another. Every character must be a piece of its own. */
export class PieceLattice {
  /** The pieces of the last best cut, from the word's end to its beginning. */
  readonly path: number[] = []
  private length = 0
  /** The nodes that begin at character `i` are `firsts[i]` to `firsts[i + 1]`. */
  private firsts = new Int32Array(0)
  private ids = new Int32Array(1 << 10)
  private ends = new Int32Array(1 << 10)
  private forward = new Float64Array(0)
  private backward = new Float64Array(0)
  /** How often sums had been scaled up when a character was reached. */
  private scalings = new Int32Array(0)
  private cameBy = new Int32Array(0)

  constructor(
    private readonly longest: number,
    public pieces: LatticePieces,
  ) {}

  /** Looks up the pieces of the word `codes[start, end)`, all but `without`. */
  build(codes: Int32Array, start: number, end: number, without = -1): void {
    const { trie, lengths, probabilities } = this.pieces
    this.length = end - start
    if (this.firsts.length < this.length + 2) this.grow(2 * (this.length + 2))
    const { firsts } = this
    let nodes = 0
    for (let i = 0; i < this.length; i++) {
      firsts[i] = nodes
      if (nodes + this.longest > this.ids.length) this.growNodes()
      const { ids, ends } = this
      const found = trie.prefixes(codes, start + i, end, ids, nodes)
      let kept = nodes
      for (let node = nodes; node < found; node++) {
        const id = ids[node]!
        if (id === without || probabilities[id] === 0) continue
        ids[kept] = id
        ends[kept++] = i + lengths[id]!
      }
      nodes = kept
    }
    firsts[this.length] = nodes
  }

  /** Adds to `expected` how often each piece is to be expected in `count` of this word; returns one's log-likelihood. */
  expect(count: number, expected: Float64Array): number {
    const { length, firsts, ids, ends, forward, backward, scalings } = this
    const { probabilities } = this.pieces
    this.sumForward()
    const total = forward[length]!
    const weight = count / total
    backward[length] = 1
    for (let i = length - 1; i >= 0; i--) {
      const reached = forward[i]! * weight
      let sum = 0
      for (let node = firsts[i]!; node < firsts[i + 1]!; node++) {
        const end = ends[node]!
        let onward = probabilities[ids[node]!]! * backward[end]!
        if (scalings[end] !== scalings[i]) onward *= TINY ** (scalings[i]! - scalings[end]!)
        sum += onward
        expected[ids[node]!]! += reached * onward
      }
      backward[i] = sum
    }
    return Math.log(total) + scalings[length]! * LOG_TINY
  }

  /** Finds the likeliest cut into `path`; returns its log-probability. Of equals, the one with the shorter last piece. */
  best(): number {
    const { length, firsts, ids, ends, forward, cameBy, path } = this
    const { scores, lengths } = this.pieces
    forward.fill(Number.NEGATIVE_INFINITY, 1, length + 1)
    forward[0] = 0
    for (let i = 0; i < length; i++) {
      const reached = forward[i]!
      for (let node = firsts[i]!; node < firsts[i + 1]!; node++) {
        const score = reached + scores[ids[node]!]!
        const end = ends[node]!
        if (score < forward[end]!) continue
        forward[end] = score
        cameBy[end] = ids[node]!
      }
    }
    path.length = 0
    for (let at = length; at > 0; at -= lengths[cameBy[at]!]!) path.push(cameBy[at]!)
    return forward[length]!
  }

  private sumForward(): void {
    const { length, firsts, ids, ends, forward, scalings } = this
    const { probabilities } = this.pieces
    forward.fill(0, 0, length + 1)
    forward[0] = 1
    let scaled = 0
    for (let i = 0; i <= length; i++) {
      if (forward[i]! < TINY && this.scaleUp(i)) scaled++
      scalings[i] = scaled
      if (i === length) break
      const reached = forward[i]!
      for (let node = firsts[i]!; node < firsts[i + 1]!; node++) {
        const end = ends[node]!
        forward[end] = forward[end]! + reached * probabilities[ids[node]!]!
      }
    }
  }

  /** Scales up the sums from `i` on, unless one of them is large: every cut passes through one of these. */
  private scaleUp(i: number): boolean {
    const { forward, length, longest } = this
    const last = Math.min(length, i + longest - 1)
    for (let at = i + 1; at <= last; at++) if (forward[at]! >= TINY) return false
    for (let at = i; at <= last; at++) forward[at]! /= TINY
    return true
  }

  private grow(size: number): void {
    this.firsts = new Int32Array(size)
    this.forward = new Float64Array(size)
    this.backward = new Float64Array(size)
    this.scalings = new Int32Array(size)
    this.cameBy = new Int32Array(size)
  }

  private growNodes(): void {
    const larger = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const array = new Int32Array(2 * old.length + this.longest)
      array.set(old)
      return array
    }
    this.ids = larger(this.ids)
    this.ends = larger(this.ends)
  }
}
