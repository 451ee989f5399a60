// Which series are drawn together. Names follow one pattern: `train_PART_loss` and `PART_loss` are a part of the loss on
// training batches and on held-out text, `PART_accuracy`, `PART_auc`, … what was measured of it.

import type { Metrics, Point } from './metrics.js'

/** A line in a panel. */
export interface Curve {
  readonly name: string
  readonly points: readonly Point[]
  /** Training batches are noisy: drawn faintly, with their running mean. */
  readonly noisy?: boolean
  /** Something to compare with. */
  readonly dashed?: boolean
}

/** One diagram. */
export interface Panel {
  readonly title: string
  readonly curves: readonly Curve[]
}

/** What the parts of losses are called; others by their own names. */
const PARTS: Readonly<Record<string, string>> = {
  mlm: 'masked tokens',
  rtd: 'replaced token detection',
  sop: 'sentence order',
  nsp: 'next sentence',
  sbo: 'span boundaries',
}

const OF_TRAINING: Readonly<Record<string, string>> = {
  learning_rate: 'Learning rate',
  gradient_norm: 'Gradient norm, before clipping',
  tokens_per_second: 'Tokens per second',
  step_operations: 'Operations of a step’s matrix products',
  peak_share: 'Share of the machine’s measured peak',
  skipped_steps: 'Steps skipped, for their numbers were not finite',
}

/** What is drawn as it is. */
const SMOOTH = new Set(['learning_rate', 'skipped_steps'])

/** Of no interest as curves: they only ever grow. */
const COUNTERS = new Set(['tokens', 'seconds'])

/**
 * The diagrams of a run: its loss, the loss's parts, what was measured of each, and how training went. Every series is in
 * exactly one of them; a total loss that has one part only is left out.
 *
 * @example
 * const panels = panelsOf(parseMetrics('{"step": 10, "train_mlm_loss": 5.1}\n{"step": 10, "mlm_loss": 5.2}'))
 * panels[0]?.title // 'Loss: masked tokens'
 */
export function panelsOf(metrics: Metrics): Panel[] {
  const left = new Map(metrics)
  for (const name of COUNTERS) left.delete(name)
  const take = (name: string, curve: Omit<Curve, 'points'>): Curve[] => {
    const points = left.get(name)
    left.delete(name)
    return points && points.length > 0 ? [{ ...curve, points }] : []
  }
  const lossPanel = (title: string, prefix: string): Panel => ({
    title,
    curves: [
      ...take(`train_${prefix}loss`, { name: 'training batches', noisy: true }),
      ...take(`${prefix}loss`, { name: 'held-out' }),
      ...take(`${prefix}unigram_entropy`, { name: 'unigram entropy', dashed: true }),
    ],
  })
  const parts = partsOf(metrics.keys())
  const total = lossPanel('Loss', '')
  const losses = parts.map((part) => lossPanel(`Loss: ${PARTS[part] ?? part}`, `${part}_`))
  const measured = parts.map((part) => measures(part, left, take))
  const training = Object.entries(OF_TRAINING).map(([name, title]) => ({
    title,
    curves: take(name, { name: readable(name), noisy: !SMOOTH.has(name) }),
  }))
  const others = [...left.keys()].map((name) => ({
    title: readable(name),
    curves: take(name, { name: readable(name) }),
  }))
  const withTotal = parts.length === 1 ? [] : [total]
  return [...withTotal, ...losses, ...measured, ...others, ...training].filter(({ curves }) => curves.length > 0)
}

/** The names of the loss's parts, in order of appearance. */
function partsOf(names: Iterable<string>): string[] {
  const parts = [...names].flatMap((name) => /^(?:train_)?(?!train_)(.+)_loss$/.exec(name)?.[1] ?? [])
  return [...new Set(parts)]
}

/** What else is known of a part; all of it are shares, of 0 to 1. */
function measures(
  part: string,
  left: ReadonlyMap<string, readonly Point[]>,
  take: (name: string, curve: Omit<Curve, 'points'>) => Curve[],
): Panel {
  const names = [...left.keys()].filter((name) => name.startsWith(`${part}_`))
  const title = `Held-out: ${PARTS[part] ?? part}`
  return { title, curves: names.flatMap((name) => take(name, { name: readable(name.slice(part.length + 1)) })) }
}

const readable = (name: string): string =>
  name
    .split('_')
    .map((word) => (['auc', 'f1', 'em'].includes(word) ? word.toUpperCase() : word))
    .join(' ')
