// What the heads of a model do with a text, put into words: most have a habit.

import type { Attentions } from 'bertkin/pipeline'

/** What of the attentions counts here. */
export type Looks = Pick<Attentions, 'tokens' | 'sequenceIds' | 'layers' | 'heads' | 'weights'>

/** The matrix of a head: of each token that looks (a row), its share at each that is looked at. */
export function headMatrix({ tokens, heads, weights }: Looks, layer: number, head: number): Float32Array {
  const size = tokens.length * tokens.length
  const at = (layer * heads + head) * size
  return weights.subarray(at, at + size)
}

export type Habit = 'back' | 'ahead' | 'itself' | 'ends' | 'mixed'

/** From this share of its attention on, something counts as a head's habit. */
const HABITUAL = 0.4

/** What a head looks at on average: the token before, the one behind, the same, the special ones, or this and that. */
export function habitOf(looks: Looks, layer: number, head: number): Habit {
  const matrix = headMatrix(looks, layer, head)
  const n = looks.tokens.length
  const shares: Record<Exclude<Habit, 'mixed'>, number> = { back: 0, ahead: 0, itself: 0, ends: 0 }
  let rows = 0
  for (let i = 0; i < n; i++) {
    if (looks.sequenceIds[i] === null) continue // where special tokens look says little
    rows++
    for (let j = 0; j < n; j++) {
      const weight = matrix[i * n + j]!
      if (looks.sequenceIds[j] === null) shares.ends += weight
      else if (j === i - 1) shares.back += weight
      else if (j === i + 1) shares.ahead += weight
      else if (j === i) shares.itself += weight
    }
  }
  const habits = Object.entries(shares) as [Exclude<Habit, 'mixed'>, number][]
  const [best, share] = habits.reduce((a, b) => (b[1] > a[1] ? b : a))
  return share / Math.max(1, rows) >= HABITUAL ? best : 'mixed'
}

export const HABITS: Readonly<Record<Habit, string>> = {
  back: 'one back',
  ahead: 'one ahead',
  itself: 'itself',
  ends: 'the ends',
  mixed: 'mixed',
}

/** The same, after “looks”. */
export const HABITS_IN_WORDS: Readonly<Record<Habit, string>> = {
  back: 'mostly one token back',
  ahead: 'mostly one token ahead',
  itself: 'mostly at the token itself',
  ends: 'mostly at the tokens at both ends',
  mixed: 'here and there',
}

/** The tokens that one looks at most. */
export function mostLookedAt(looks: Looks, layer: number, head: number, token: number, count: number) {
  const n = looks.tokens.length
  const row = headMatrix(looks, layer, head).subarray(token * n, (token + 1) * n)
  return Array.from(row, (share, index) => ({ index, share }))
    .sort((a, b) => b.share - a.share)
    .slice(0, count)
}
