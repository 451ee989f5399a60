// samples.jsonl: how a model filled the masks of a few sentences, at every evaluation.

import { jsonLines } from './jsonLines.js'

/** A word that a model would put, and how likely it finds it. */
export interface Guess {
  readonly token: string
  readonly score: number
}

/** A sentence with one word hidden, and what a model makes of it. */
export interface MaskSample {
  /** The text on both sides of the mask. */
  readonly before: string
  readonly after: string
  /** The word that was there. */
  readonly meant: string
  /** How likely the model finds that word. */
  readonly probability: number
  /** Likeliest first. */
  readonly guesses: readonly Guess[]
}

/** The same sentences at one step. */
export interface SamplesAtStep {
  readonly step: number
  readonly samples: readonly MaskSample[]
}

/**
 * Reads samples.jsonl, in order of steps. Where a run was resumed from an earlier step, what it had written of later ones
 * is dropped; lines that are not as they should be are passed over.
 *
 * @example
 * const text = '{"step": 500, "samples": [{"before": "a ", "after": "", "meant": "b", "probability": 0.1, "guesses": []}]}'
 * parseSamples(text)[0]?.samples[0]?.meant // 'b'
 */
export function parseSamples(text: string): SamplesAtStep[] {
  const found: SamplesAtStep[] = []
  for (const { step, samples } of jsonLines(text)) {
    if (typeof step !== 'number' || !Array.isArray(samples) || !samples.every(isSample)) continue
    while (found.length > 0 && found.at(-1)!.step >= step) found.pop()
    found.push({ step, samples })
  }
  return found
}

function isSample(value: unknown): value is MaskSample {
  if (typeof value !== 'object' || value === null) return false
  const { before, after, meant, probability, guesses } = value as Partial<Record<keyof MaskSample, unknown>>
  const areTexts = [before, after, meant].every((text) => typeof text === 'string')
  return areTexts && typeof probability === 'number' && Array.isArray(guesses) && guesses.every(isGuess)
}

function isGuess(value: unknown): value is Guess {
  if (typeof value !== 'object' || value === null) return false
  const { token, score } = value as Partial<Record<keyof Guess, unknown>>
  return typeof token === 'string' && typeof score === 'number'
}
