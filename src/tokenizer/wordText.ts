// Counted words as numbers: what Unigram training works on.

/** A longer word is taken as several: lattices stay small, whatever the text. */
const LONGEST_WORD = 1 << 12

/** Words laid end to end, as characters' numbers from 1; a 0 stands before, between and after them. */
export interface WordText {
  readonly codes: Int32Array
  /** Where each word begins in `codes`; its end is the next 0. */
  readonly starts: Int32Array
  readonly counts: Float64Array
}

export function countCharacters(words: readonly (readonly [word: string, count: number])[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [word, count] of words) {
    for (const character of word) counts.set(character, (counts.get(character) ?? 0) + count)
  }
  return counts
}

/** The most frequent characters that together are the wanted share of all; half surrogate pairs are no characters. */
export function coveringCharacters(counts: ReadonlyMap<string, number>, coverage: number): string[] {
  const sorted = [...counts]
    .filter(([character]) => !/^[\ud800-\udfff]$/.test(character))
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const total = sorted.reduce((sum, [, count]) => sum + count, 0)
  let covered = 0
  const kept: string[] = []
  for (const [character, count] of sorted) {
    if (covered >= coverage * total) break
    kept.push(character)
    covered += count
  }
  return kept
}

/** Writes the words as characters' numbers; a word is cut in two at each character that has none. */
export function spell(
  words: readonly (readonly [word: string, count: number])[],
  alphabet: readonly string[],
): WordText {
  const numbers = new Map(alphabet.map((character, i) => [character, i + 1]))
  let room = 1
  for (const [word] of words) room += word.length + 1 + Math.ceil(word.length / LONGEST_WORD)
  const codes = new Int32Array(room)
  const starts: number[] = []
  const counts: number[] = []
  let at = 1
  for (const [word, count] of words) {
    let start = at
    const close = (): void => {
      if (at === start) return
      starts.push(start)
      counts.push(count)
      start = ++at
    }
    for (const character of word) {
      const number = numbers.get(character)
      if (number === undefined || at - start === LONGEST_WORD) close()
      if (number !== undefined) codes[at++] = number
    }
    close()
  }
  return { codes: codes.subarray(0, at), starts: Int32Array.from(starts), counts: Float64Array.from(counts) }
}

/** Where a word ends. */
export function endOf({ codes, starts }: WordText, word: number): number {
  const next = starts[word + 1]
  return next === undefined ? codes.length - 1 : next - 1
}
