// ALBERT's packing (Lan et al., 2019, and the published code's create_instances_from_document, which is BERT's but for
// the labels): sentences of one document become a pair of segments, [CLS] A [SEP] B [SEP], and half of the pairs are
// spoilt.

import { BertkinError } from '../errors.js'
import { Random } from '../random.js'
import { OtherDocuments } from './otherDocuments.js'
import { type Block, cutEvenly, type Packer, type PackerState, type Packing } from './packing.js'
import type { TokenIds } from './tokenStream.js'

export interface PackSentencePairsOptions {
  /** Longest block in tokens, special tokens included; at least 5. */
  readonly maxLength: number
  readonly clsId: number
  readonly sepId: number
  /**
   * How pairs are spoilt, which label 1 tells. `sentence-order` (ALBERT): the segments are swapped. `next-sentence`
   * (BERT): the second segment is text of another document, and what stood there opens the next pair.
   */
  readonly task: 'sentence-order' | 'next-sentence'
  /** Share of documents whose blocks aim at a uniformly drawn length of 2 … maxLength − 3 tokens; default 0.1. */
  readonly shortSequenceProbability?: number
  /** Throw away what does not fit a block, as the published code does; default false: it goes on in the next block. */
  readonly discardOverflow?: boolean
}

/**
 * Pairs of segments: lines (sentences) of a document are collected until they reach the target length, maxLength − 3, or
 * with probability 0.1, drawn once for a document, a shorter one. The first one or more of them, uniformly drawn, are
 * segment A, the others B; half of the pairs get label 1 and are spoilt as `task` says. A line alone is paired with text
 * of another document, and has label 1 in both tasks, so that these labels are somewhat more than half of all. Random
 * text comes from up to 32 earlier documents (of long ones an excerpt), each new one taking a random one's place; before
 * there is any, a lone line is cut into two segments, and next sentences are not spoilt.
 *
 * With `discardOverflow: true` it is the published procedure: collecting ends with the line that reaches the target, and
 * the pair is cut to maxLength, token by token from the longer segment, at its front or its end.
 *
 * By default nothing is lost: collecting ends before the line that would not fit, and lines longer than half a block are
 * cut evenly, so that paragraphs make pairs as sentences do. Of random text, too, only lines that fit are taken, so that
 * how a segment ends tells nothing. For pairs of sentences, give sentences: see `splitSentences`.
 *
 * @throws BertkinError 'option-invalid' for a length below 5 or a probability outside 0 … 1
 * @example
 * const packing = packSentencePairs({ maxLength: 128, clsId: 2, sepId: 3, task: 'sentence-order' })
 * const [block] = packing.start(42).add([[3419, 2038, 1037, 3899], [1996, 3899, 17554]])
 * block?.label // 0: in this order, 1: swapped
 */
export function packSentencePairs(options: PackSentencePairsOptions): Packing {
  const { maxLength, shortSequenceProbability = 0.1, discardOverflow = false } = options
  if (!Number.isInteger(maxLength) || maxLength < 5) {
    throw new BertkinError('option-invalid', `maxLength must be an integer of at least 5, not ${maxLength}.`)
  }
  if (!(shortSequenceProbability >= 0 && shortSequenceProbability <= 1)) {
    const message = `shortSequenceProbability must be in 0 … 1, not ${shortSequenceProbability}.`
    throw new BertkinError('option-invalid', message)
  }
  const settings = { ...options, shortSequenceProbability, discardOverflow }
  const others = (state?: PackerState) => new OtherDocuments(4 * maxLength, state?.documents)
  return {
    start: (seed) => new SentencePairsPacker(settings, new Random(seed), others()),
    resume: (state) => new SentencePairsPacker(settings, Random.restore(state.random), others(state)),
  }
}

/** Two segments, and whether they are spoilt; `unused` of the lines they were made from were not needed. */
interface Pair {
  readonly first: readonly number[]
  readonly second: readonly number[]
  readonly label: 0 | 1
  readonly unused: number
}

class SentencePairsPacker implements Packer {
  constructor(
    private readonly options: Required<PackSentencePairsOptions>,
    private readonly random: Random,
    private readonly others: OtherDocuments,
  ) {}

  /** Tokens beside [CLS] and two [SEP]. */
  get #room(): number {
    return this.options.maxLength - 3
  }

  get state(): PackerState {
    const { random, others, options } = this
    return { random: random.state, pending: [], target: options.maxLength, documents: others.state }
  }

  add(document: readonly TokenIds[]): Block[] {
    const { discardOverflow, shortSequenceProbability } = this.options
    const room = this.#room
    const full = document.filter((line) => line.length > 0)
    const lines = discardOverflow ? full : full.flatMap((line) => cutEvenly(line, Math.floor(room / 2)))
    const isShort = this.random.uniform() < shortSequenceProbability
    const target = isShort ? 2 + this.random.below(room - 1) : room
    const blocks: Block[] = []
    let chunk: TokenIds[] = []
    let length = 0
    for (let i = 0; i < lines.length; i++) {
      chunk.push(lines[i]!)
      length += lines[i]!.length
      const next = lines[i + 1]
      const isFull = length >= target || (!discardOverflow && next !== undefined && length + next.length > room)
      if (!isFull && next !== undefined) continue
      const pair = this.#pair(chunk, target)
      blocks.push(this.#block(pair))
      i -= pair.unused
      chunk = []
      length = 0
    }
    this.others.add(lines, this.random)
    return blocks
  }

  finish(): Block[] {
    return [] // every document is finished by itself
  }

  #pair(lines: readonly TokenIds[], target: number): Pair {
    const { random, others } = this
    const isOrder = this.options.task === 'sentence-order'
    if (lines.length === 1 && others.isEmpty) return this.#halves(lines[0]!, isOrder)
    const split = lines.length === 1 ? 1 : 1 + random.below(lines.length - 1)
    const first = flat(lines.slice(0, split))
    if (lines.length === 1 || (!isOrder && !others.isEmpty && random.uniform() < 0.5)) {
      const room = this.options.discardOverflow ? Number.POSITIVE_INFINITY : this.#room - first.length
      const second = others.draw(target - first.length, room, random)
      return { first, second, label: 1, unused: lines.length - split }
    }
    return this.#ordered(first, flat(lines.slice(split)), isOrder)
  }

  /** A line with nothing to pair it with; a single token stays alone. */
  #halves(line: TokenIds, isOrder: boolean): Pair {
    const middle = Math.ceil(line.length / 2)
    const [first, second] = [Array.from(line.slice(0, middle)), Array.from(line.slice(middle))]
    return second.length === 0 ? { first, second, label: 0, unused: 0 } : this.#ordered(first, second, isOrder)
  }

  /** Two segments that belong together, swapped half of the time if that is the task. */
  #ordered(first: readonly number[], second: readonly number[], isOrder: boolean): Pair {
    const isSwapped = isOrder && this.random.uniform() < 0.5
    return isSwapped ? { first: second, second: first, label: 1, unused: 0 } : { first, second, label: 0, unused: 0 }
  }

  #block({ first, second, label }: Pair): Block {
    const { clsId, sepId, discardOverflow } = this.options
    const [a, b] = discardOverflow ? this.#cut(first, second) : [first, second.slice(0, this.#room - first.length)]
    const ids = Int32Array.from([clsId, ...a, sepId, ...(b.length === 0 ? [] : [...b, sepId])])
    return { ids, typeIds: new Uint8Array(ids.length).fill(1, a.length + 2), label }
  }

  /** Takes tokens from the longer segment (of equals the second), from its front or its end, until both fit. */
  #cut(first: readonly number[], second: readonly number[]): [readonly number[], readonly number[]] {
    const segments = [first, second].map((ids) => ({ ids, start: 0, end: ids.length }))
    const [a, b] = segments as [(typeof segments)[0], (typeof segments)[0]]
    const lengthOf = ({ start, end }: typeof a): number => end - start
    while (lengthOf(a) + lengthOf(b) > this.#room) {
      const longer = lengthOf(a) > lengthOf(b) ? a : b
      if (this.random.uniform() < 0.5) longer.start++
      else longer.end--
    }
    return [a.ids.slice(a.start, a.end), b.ids.slice(b.start, b.end)]
  }
}

const flat = (lines: readonly TokenIds[]): number[] => lines.flatMap((line) => Array.from(line))
