// RoBERTa in the tour: bytes instead of words, masks that are drawn anew, and what customers want.

import pc from 'picocolors'
import { maskTokens } from '../../objective/index.js'
import { loadTokenizer, pipeline } from '../../pipeline/index.js'
import { Random } from '../../random.js'
import type { Tokenizer } from '../../tokenizer/index.js'
import { showCandidates, showLabels } from '../showAnswers.js'
import type { Models } from './models.js'
import { bertkin, heading, say, step, tell } from './page.js'

const BYTES = 'Café Zoë serves crème brûlée 🍮 today.'
const MASKED = 'The river flows through the valley and reaches the sea near the old harbour.'
const FILLED = [
  (mask: string) => `He studied law at the ${mask} of Oxford.`,
  (mask: string) => `She was born in London and ${mask} up in Paris.`,
]
const WANTED = 'I was charged twice for the same purchase, please give me my money back.'
const EPOCHS = 4

export async function robertaTour(models: Models): Promise<void> {
  heading('RoBERTa: reads bytes, and sees other masks in each epoch')
  const model = models.path('roberta')
  const tokenizer = await loadTokenizer(model)
  bytes(tokenizer, model)
  epochs(tokenizer)
  await masks(model)
  await intents(models.path('roberta-intents'))
}

/** Every token with the bytes that it stands for, where they are no whole characters. */
function bytes(tokenizer: Tokenizer, model: string): void {
  step('Any text at all, from 256 bytes upwards')
  const { tokens, ids, offsets } = tokenizer.encode(BYTES)
  const shown = tokens.map((token, i) => {
    const [start, end] = offsets[i]!
    const text = BYTES.slice(start, end).trim()
    // A character of several tokens belongs to each of them: what a token is, its own letters say.
    const isPart = offsets.some(([from, to], j) => j !== i && to > from && from === start && to === end)
    if (tokenizer.specialIds.has(ids[i]!)) return pc.dim(token)
    return isPart ? pc.yellow(token) : pc.bold(text)
  })
  say(pc.bold(BYTES))
  say(`  ${shown.join(pc.dim(' │ '))}`)
  say(pc.dim('  (in yellow: bytes of a character, each as the letter that the vocabulary has for it)'))
  tell(bertkin('tokenize', model, BYTES))
}

function epochs(tokenizer: Tokenizer): void {
  step('Dynamic masking: what one sentence looks like in each epoch')
  const { mask } = tokenizer.specialTokens
  const { ids } = tokenizer.encode(MASKED)
  const vocabulary = { vocabSize: tokenizer.vocabSize, maskTokenId: mask!.id, specialTokenIds: tokenizer.specialIds }
  const random = new Random(1)
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    const masked = maskTokens(ids, vocabulary, random)
    const predicted = new Set(masked.positions)
    const tokens = Array.from(masked.ids, (id, i) => {
      const text = id === mask!.id ? ` ${mask!.token}` : tokenizer.decode([id])
      return tokenizer.specialIds.has(ids[i]!) ? '' : predicted.has(i) ? pc.bold(pc.cyan(text)) : text
    })
    say(`  epoch ${epoch}  ${tokens.join('').trim()}`)
  }
  say(pc.dim('  (of the tokens to be predicted, most are hidden, some are others, some are what they were)'))
}

async function masks(model: string): Promise<void> {
  step('Masks filled')
  using fill = await pipeline('fill-mask', model)
  const { token: mask } = fill.tokenizer.specialTokens.mask!
  const texts = FILLED.map((text) => text(mask))
  for (const text of texts) {
    const answer = await fill(text, { top_k: 3 })
    say(showCandidates(text, answer.flat(), mask))
  }
  tell(bertkin('fill-mask', model, texts[0]!))
}

async function intents(model: string): Promise<void> {
  step('What a customer wants, after fine-tuning on 77 intents')
  using classify = await pipeline('text-classification', model)
  const answer = [await classify(WANTED, { top_k: 3 })].flat()
  say(showLabels(pc.bold(WANTED), answer))
  tell(bertkin('text-classification', model, WANTED))
}
