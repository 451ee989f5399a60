// From tokens to an encoding: lays the windows of one sequence or two into the template.
import { Encoding } from './encoding.js'
import type { OffsetTrimmer } from './offsetTrimmer.js'
import type { Surfaces } from './surfaces.js'
import { addedCount, type TemplatePiece } from './template.js'
import type { Cut, Window } from './truncation.js'

/** A sequence's tokens, copied out of the sink, with offsets in the caller's text. */
export interface Tokens {
  /** The caller's text. */
  readonly text: string
  readonly ids: Int32Array
  readonly begins: Int32Array
  readonly ends: Int32Array
  readonly words: Int32Array
  /** Texts that differ from their ids' tokens, by index. */
  readonly surfaces: Surfaces
}

/**
 * The encoding of `sequences` under `cut`, with its overflowing windows in the reference's order: for two sequences
 * every window of the first with every window of the second, those of the first's further windows first.
 */
export function assemble(
  sequences: readonly Tokens[],
  cut: Cut,
  pieces: readonly TemplatePiece[],
  tokenOf: (id: number) => string,
  trimmer: OffsetTrimmer | undefined,
): Encoding {
  const build = (windows: readonly Window[], overflowing: () => readonly Encoding[]): Encoding =>
    layOut(sequences, windows, pieces, tokenOf, trimmer, overflowing)
  const { first, second } = cut
  const [kept = [0, 0], ...further] = first
  if (second.length === 0) return build([kept], () => further.map((window) => build([window], none)))
  const [keptBeside = [0, 0], ...furtherBeside] = second
  return build([kept, keptBeside], () => [
    ...further.flatMap((window) => second.map((beside) => build([window, beside], none))),
    ...furtherBeside.map((beside) => build([kept, beside], none)),
  ])
}

const none = (): readonly Encoding[] => []

function layOut(
  sequences: readonly Tokens[],
  windows: readonly Window[],
  pieces: readonly TemplatePiece[],
  tokenOf: (id: number) => string,
  trimmer: OffsetTrimmer | undefined,
  overflowing: () => readonly Encoding[],
): Encoding {
  const length = windows.reduce((sum, [start, end]) => sum + end - start, addedCount(pieces))
  const ids = new Int32Array(length)
  const typeIds = new Int32Array(length)
  const specialTokensMask = new Int32Array(length)
  const packedOffsets = new Int32Array(2 * length)
  const words = new Int32Array(length).fill(-1)
  const owners = new Int32Array(length).fill(-1)
  const places = [0, 0]
  let at = 0
  for (const piece of pieces) {
    if ('ids' in piece) {
      for (const id of piece.ids) {
        ids[at] = id
        typeIds[at] = piece.typeId
        specialTokensMask[at] = 1
        at++
      }
      continue
    }
    const tokens = sequences[piece.sequence]!
    const [start, end] = windows[piece.sequence]!
    places[piece.sequence] = at
    ids.set(tokens.ids.subarray(start, end), at)
    words.set(tokens.words.subarray(start, end), at)
    typeIds.fill(piece.typeId, at, at + end - start)
    owners.fill(piece.sequence, at, at + end - start)
    if (trimmer !== undefined) trimmer.write(tokens, start, end, packedOffsets, 2 * at)
    else copyOffsets(tokens, start, end, packedOffsets, 2 * at)
    at += end - start
  }
  // Looked up when asked for: to collect the texts of each window would take quadratic time in all.
  const tokenAt = (id: number, index: number): string => {
    const sequence = owners[index]!
    if (sequence < 0 || sequences[sequence]!.surfaces.size === 0) return tokenOf(id)
    return sequences[sequence]!.surfaces.get(index - places[sequence]! + windows[sequence]![0]) ?? tokenOf(id)
  }
  return new Encoding({
    ids,
    typeIds,
    specialTokensMask,
    packedOffsets,
    words,
    sequences: owners,
    tokenAt,
    overflowing,
  })
}

function copyOffsets(tokens: Tokens, start: number, end: number, packed: Int32Array, to: number): void {
  const { begins, ends } = tokens
  for (let i = start, at = to; i < end; i++) {
    packed[at++] = begins[i]!
    packed[at++] = ends[i]!
  }
}
