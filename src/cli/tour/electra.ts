// ELECTRA in the tour: the generator's replacements, and the discriminator's verdict on every word.

import pc from 'picocolors'
import { type FillMaskCandidate, pipeline } from '../../pipeline/index.js'
import { Random } from '../../random.js'
import { showLabels, showVerdict } from '../showAnswers.js'
import type { Models } from './models.js'
import { bertkin, heading, say, step, tell } from './page.js'

/** Words in brackets are hidden from the generator. */
const TEXTS = [
  'The [ship] sailed across the ocean and reached the [coast] after ten days.',
  'He [studied] law at the university and became a [member] of parliament.',
  'The church was built of [stone] in the twelfth [century].',
]
const WRONG = 'The cat slept on the parliament all afternoon.'
const REVIEWS = ['a warm and funny film with a wonderful cast.', 'the story is dull and the ending makes no sense.']

export async function electraTour(models: Models): Promise<void> {
  heading('ELECTRA: a generator replaces words, a discriminator tells which')
  await replacements(models.path('electra'))
  await polarity(models.path('electra-polarity'))
}

async function replacements(model: string): Promise<void> {
  step('The generator’s replacements, and how suspicious each word looks to the discriminator')
  using fill = await pipeline('fill-mask', model)
  using detect = await pipeline('replaced-token-detection', model)
  const mask = fill.tokenizer.specialTokens.mask!.token
  const judge = async (origin: string, text: string): Promise<void> => {
    const { words } = await detect(text)
    say(`  ${pc.dim(origin)}`)
    say(`  ${showVerdict(text, words).replaceAll('\n', '\n  ')}`)
  }
  const random = new Random(3)
  for (const text of TEXTS) {
    const hidden = text.replaceAll(/\[\w+\]/g, mask)
    const originals = [...text.matchAll(/\[(\w+)\]/g)].map(([, word]) => word!)
    const candidates = (await fill(hidden, { top_k: fill.model.config.vocabSize })) as FillMaskCandidate[][] // one list a mask
    const drawn = candidates.map((list) => draw(list, random))
    let next = 0
    const replaced = hidden.replaceAll(mask, () => drawn[next++]!)
    const swaps = originals.map((word, i) => (word === drawn[i] ? `${word} found` : `${word} → ${drawn[i]}`))
    await judge(`generator: ${swaps.join(', ')}`, replaced)
  }
  await judge('written by hand:', WRONG)
  tell(bertkin('replaced-token-detection', model, WRONG))
}

/** One of the candidates that are words, each as often as it is likely. */
function draw(all: readonly FillMaskCandidate[], random: Random): string {
  const candidates = all.filter(({ token_str }) => /^\p{L}+$/u.test(token_str))
  const total = candidates.reduce((sum, { score }) => sum + score, 0)
  let left = random.uniform() * total
  for (const { token_str, score } of candidates) {
    left -= score
    if (left < 0) return token_str
  }
  return candidates.at(-1)!.token_str
}

async function polarity(model: string): Promise<void> {
  step('Is a review good or bad? After fine-tuning on sentence polarity')
  using classify = await pipeline('text-classification', model)
  for (const text of REVIEWS) {
    const answer = [await classify(text, { top_k: 2 })].flat()
    say(showLabels(pc.bold(text), answer))
  }
  tell(bertkin('text-classification', model, REVIEWS[0]!))
}
