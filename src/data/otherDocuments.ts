// Text of other documents, for pairs of segments that do not belong together: a few earlier documents, kept in what a
// packer saves, so that drawing from them needs no second reading of the corpus and survives a resume.

import { BertkinError } from '../errors.js'
import type { Random } from '../random.js'
import type { TokenLines } from './packing.js'
import type { TokenIds } from './tokenStream.js'

/** Documents kept; once there are so many, a new one takes the place of a random one. */
const CAPACITY = 32
const MOST_TRIES = 10

export class OtherDocuments {
  #documents: readonly TokenLines[]

  /**
   * @param excerptLength tokens: of a longer document a random excerpt of about this length is kept
   * @param documents what `state` gave, perhaps by way of a file
   * @throws BertkinError 'option-invalid' if it cannot be that
   */
  constructor(
    private readonly excerptLength: number,
    documents: readonly TokenLines[] = [],
  ) {
    if (!isTokenLines(documents)) {
      const message =
        'The saved position has no documents to draw text from. Resume with the same packing, or start anew.'
      throw new BertkinError('option-invalid', message)
    }
    this.#documents = documents
  }

  /** Plain JSON; not changed later. */
  get state(): readonly TokenLines[] {
    return this.#documents
  }

  get isEmpty(): boolean {
    return this.#documents.length === 0
  }

  add(lines: readonly TokenIds[], random: Random): void {
    if (lines.length === 0) return
    const kept = this.#excerpt(lines, random)
    const place = this.#documents.length < CAPACITY ? this.#documents.length : random.below(CAPACITY)
    this.#documents = replaced(this.#documents, place, kept)
  }

  /**
   * Lines from a random one of a random document on: at least one, and so many that there are `wanted` tokens or the
   * document ends, or, before that, the next line would not fit into `room`. A first line that fits is looked for a
   * few times; without luck it may be longer.
   */
  draw(wanted: number, room: number, random: Random): number[] {
    let [document, start] = this.#place(random)
    for (let tries = 1; tries < MOST_TRIES && document[start]!.length > room; tries++) {
      ;[document, start] = this.#place(random)
    }
    const drawn = [...document[start]!]
    for (let i = start + 1; i < document.length && drawn.length < wanted; i++) {
      if (drawn.length + document[i]!.length > room) break
      drawn.push(...document[i]!)
    }
    return drawn
  }

  #place(random: Random): [TokenLines, number] {
    const document = this.#documents[random.below(this.#documents.length)]!
    return [document, random.below(document.length)]
  }

  #excerpt(lines: readonly TokenIds[], random: Random): TokenLines {
    const total = lines.reduce((sum, line) => sum + line.length, 0)
    const start = total <= this.excerptLength ? 0 : random.below(lines.length)
    const kept: number[][] = []
    let room = this.excerptLength
    for (let i = start; i < lines.length; i++) {
      if (i > start && lines[i]!.length > room) break
      kept.push(Array.from(lines[i]!.slice(0, room)))
      room -= lines[i]!.length
    }
    return kept
  }
}

function replaced<T>(items: readonly T[], place: number, item: T): readonly T[] {
  const copy = [...items]
  copy[place] = item
  return copy
}

/** Documents have lines, and lines have tokens. */
function isTokenLines(value: unknown): value is readonly TokenLines[] {
  const all = (list: unknown, isOne: (item: unknown) => boolean): boolean =>
    Array.isArray(list) && list.length > 0 && list.every(isOne)
  const isId = (id: unknown): boolean => Number.isInteger(id) && Number(id) >= 0 && Number(id) < 2 ** 31
  const isDocument = (lines: unknown): boolean => all(lines, (line) => all(line, isId))
  return Array.isArray(value) && value.length <= CAPACITY && value.every(isDocument)
}
