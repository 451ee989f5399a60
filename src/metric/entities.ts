// Precision, recall and F1 of entities: a predicted entity is right if its type and both its ends are. As seqeval in its
// default mode, which takes tags as conlleval does: whatever they are, they mark some entities.

import { BertkinError } from '../errors.js'
import { assertPaired, ratio } from './check.js'
import { type AveragedScores, type LabelCount, scoresOfCounts } from './labelScores.js'

/** A run of words of one type; `end` is exclusive. */
export interface Entity {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** Scores by type of entity, and the share of words whose tag is right. */
export interface EntityScores extends AveragedScores<string> {
  readonly accuracy: number
}

/**
 * The entities that tags mark, in IOB2 (`B-`, `I-`), IOBES (also `E-` for the last word and `S-` for the only one) or BILOU
 * (`L-` and `U-` for these).
 *
 * An entity goes on while its type stays the same and the tags neither begin another (`B-`, `S-`) nor have ended it (`E-`,
 * `S-`). So `I-` after `O`, after another type or after an end begins an entity of its own. A tag without such a prefix
 * counts as `I-`, and a bare `B` or `I` has the type `_`.
 *
 * @example
 * entitiesOf(['B-PER', 'I-PER', 'O', 'I-LOC']) // PER from 0 to 2, LOC from 3 to 4
 */
export function entitiesOf(tags: readonly string[]): Entity[] {
  const entities: Entity[] = []
  let open: { type: string; start: number } | undefined
  const close = (end: number): void => {
    if (open !== undefined) entities.push({ ...open, end })
    open = undefined
  }
  for (let i = 0; i < tags.length; i++) {
    const { prefix, type } = parseTag(tags[i]!)
    if (prefix === 'O' || prefix === 'B' || prefix === 'S' || type !== open?.type) close(i)
    if (prefix === 'O') continue
    open ??= { type, start: i }
    if (prefix === 'E' || prefix === 'S') close(i + 1)
  }
  close(tags.length)
  return entities
}

const prefixes: Readonly<Record<string, 'B' | 'I' | 'E' | 'S'>> = { B: 'B', I: 'I', E: 'E', S: 'S', L: 'E', U: 'S' }

function parseTag(tag: string): { prefix: 'O' | 'B' | 'I' | 'E' | 'S'; type: string } {
  if (tag === 'O') return { prefix: 'O', type: '' }
  const prefix = /^[BIESLU](?=-|$)/.exec(tag)?.[0]
  if (prefix === undefined) return { prefix: 'I', type: tag }
  return { prefix: prefixes[prefix]!, type: tag.slice(2) || '_' }
}

/**
 * Scores of entities over sentences: for each type that occurs in references or predictions (sorted), and averaged. seqeval's
 * `f1_score` is `micro.f1`. Scores that would divide by 0 are 0; without any entity at all, all are.
 *
 * @param predictions a tag for every word of every sentence
 * @throws BertkinError 'shape-mismatch' if a sentence's predictions are not as many as its references, or there are not as
 *   many sentences; 'data-empty' for no sentences
 * @example
 * const { micro, labels } = entityScores([['B-PER', 'O']], [['B-PER', 'B-LOC']])
 * console.log(micro.recall, labels.map(({ label, f1 }) => `${label} ${f1}`)) // 0.5 [ 'LOC 0', 'PER 1' ]
 */
export function entityScores(
  predictions: readonly (readonly string[])[],
  references: readonly (readonly string[])[],
): EntityScores {
  assertPaired(predictions, references)
  const counts = new Map<string, { hits: number; predicted: number; support: number }>()
  const countOf = (type: string) => {
    const count = counts.get(type) ?? { hits: 0, predicted: 0, support: 0 }
    counts.set(type, count)
    return count
  }
  let words = 0
  let right = 0
  references.forEach((reference, s) => {
    const prediction = predictions[s]!
    if (prediction.length !== reference.length) {
      throw new BertkinError(
        'shape-mismatch',
        `Sentence ${s} has ${reference.length} words but ${prediction.length} predictions. Words that were cut off need a tag too: O.`,
      )
    }
    words += reference.length
    right += reference.filter((tag, i) => tag === prediction[i]).length
    const keyOf = ({ type, start, end }: Entity): string => `${start} ${end} ${type}`
    const found = entitiesOf(prediction)
    const foundKeys = new Set(found.map(keyOf))
    for (const { type } of found) countOf(type).predicted++
    for (const entity of entitiesOf(reference)) {
      const count = countOf(entity.type)
      count.support++
      count.hits += Number(foundKeys.has(keyOf(entity)))
    }
  })
  const sorted: LabelCount<string>[] = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, count]) => ({ label, ...count }))
  return { ...scoresOfCounts(sorted), accuracy: ratio(right, words) }
}
