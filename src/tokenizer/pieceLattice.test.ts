import { describe, expect, it } from 'vitest'
import { type LatticePieces, PieceLattice } from './pieceLattice.js'
import { PieceTrie } from './pieceTrie.js'

/** Pieces over the characters 1, 2 and 3, each piece with a probability. */
function piecesOf(list: readonly (readonly [codes: readonly number[], probability: number])[]): LatticePieces {
  const trie = new PieceTrie()
  for (const [id, [codes]] of list.entries()) trie.add(Int32Array.from(codes), 0, codes.length, id)
  const probabilities = Float64Array.from(list, ([, probability]) => probability)
  const lengths = Int32Array.from(list, ([codes]) => codes.length)
  return { trie, lengths, probabilities, scores: probabilities.map(Math.log) }
}

const list = [
  [[1], 0.2],
  [[2], 0.1],
  [[3], 0.05],
  [[1, 2], 0.3],
  [[2, 3], 0.02],
  [[1, 2, 3], 0.04],
  [[2, 1], 0.25],
  [[1, 1], 0],
] as const // prettier-ignore

/** Every cut of a word: its pieces and its probability. */
function cutsOf(word: readonly number[]): { ids: number[]; probability: number }[] {
  if (word.length === 0) return [{ ids: [], probability: 1 }]
  return list.flatMap(([codes, probability], id) => {
    if (probability === 0 || !codes.every((code, i) => word[i] === code)) return []
    return cutsOf(word.slice(codes.length)).map((rest) => ({
      ids: [id, ...rest.ids],
      probability: probability * rest.probability,
    }))
  })
}

describe('PieceLattice', () => {
  const lattice = new PieceLattice(3, piecesOf(list))
  const words = [[1], [1, 2, 3], [2, 1, 2, 1, 1, 2, 3], [3, 3, 2, 3, 1, 2, 1, 2, 3, 1]]

  it('sums over all cuts', () => {
    for (const word of words) {
      const cuts = cutsOf(word)
      const total = cuts.reduce((sum, { probability }) => sum + probability, 0)
      const slow = list.map((_, id) =>
        cuts.reduce((sum, cut) => sum + (cut.probability / total) * cut.ids.filter((it) => it === id).length, 0),
      )
      const expected = new Float64Array(list.length)
      lattice.build(Int32Array.of(0, ...word, 0), 1, word.length + 1)
      expect(lattice.expect(5, expected)).toBeCloseTo(Math.log(total), 12)
      for (const [id, value] of slow.entries()) expect(expected[id]).toBeCloseTo(5 * value, 12)
    }
  })

  it('finds the best cut, and the best without one piece', () => {
    for (const word of words) {
      for (const without of [-1, 3, 5]) {
        const best = cutsOf(word)
          .filter(({ ids }) => !ids.includes(without))
          .reduce((a, b) => (b.probability > a.probability ? b : a))
        lattice.build(Int32Array.from(word), 0, word.length, without)
        expect(lattice.best()).toBeCloseTo(Math.log(best.probability), 12)
        expect(lattice.path.reduce((product, id) => product * list[id]![1], 1)).toBeCloseTo(best.probability, 12)
      }
    }
  })

  it('keeps its scale in words whose probability is no number any more', () => {
    const word = Int32Array.from({ length: 4000 }, (_, i) => [3, 1, 2, 3, 3][i % 5]!)
    const expected = new Float64Array(list.length)
    const half = new Float64Array(list.length)
    lattice.build(word, 0, 4000)
    const whole = lattice.expect(1, expected)
    lattice.build(word, 0, 2000)
    // No piece crosses from a 3 to another, so the two halves do not know of each other.
    expect(whole).toBeCloseTo(2 * lattice.expect(2, half), 6)
    expect(whole).toBeLessThan(-3000)
    for (let id = 0; id < list.length; id++) expect(expected[id]).toBeCloseTo(half[id]!, 8)
    const characters = list.reduce((sum, [codes], id) => sum + codes.length * expected[id]!, 0)
    expect(characters).toBeCloseTo(4000, 8)
  })
})
