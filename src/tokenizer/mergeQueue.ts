// The queue of pairs to merge: the most frequent first, of equals the one with the smaller ids.

/** A pair of neighbouring tokens, how often it was seen when it was queued, and the words it was then seen in. */
export interface PairEntry {
  count: number
  readonly first: number
  readonly second: number
  readonly words: number[]
}

/**
 * A binary heap of pairs.
 *
 * @example
 * const queue = new MergeQueue()
 * queue.push({ count: 3, first: 1, second: 2, words: [0] })
 * queue.pop()?.count // 3
 */
export class MergeQueue {
  private readonly heap: PairEntry[] = []

  get size(): number {
    return this.heap.length
  }

  push(entry: PairEntry): void {
    const { heap } = this
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!precedes(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  pop(): PairEntry | undefined {
    const { heap } = this
    const top = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && precedes(heap[child + 1]!, heap[child]!)) child++
      if (!precedes(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return top
  }
}

function precedes(a: PairEntry, b: PairEntry): boolean {
  if (a.count !== b.count) return a.count > b.count
  return a.first !== b.first ? a.first < b.first : a.second < b.second
}
