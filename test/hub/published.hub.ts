// Numbers that others have published for checkpoints on the hub, through the front door. Run by `npm run test:hub`; where
// the hub cannot be reached, everything is skipped, and it says why.

import { describe, expect, it } from 'vitest'
import { loadModel, loadTokenizer, pipeline } from '../../src/index.js'

const HUB = process.env.HF_ENDPOINT || 'https://huggingface.co'

/** Why the hub cannot be asked; undefined if it can. */
async function obstacle(): Promise<string | undefined> {
  if (process.env.HF_HUB_OFFLINE) return 'HF_HUB_OFFLINE is set'
  try {
    const { ok, status } = await fetch(`${HUB}/albert/albert-base-v2/resolve/main/config.json`, {
      method: 'HEAD',
      signal: AbortSignal.timeout(5000),
    })
    return ok ? undefined : `it answered ${status}`
  } catch (error) {
    const { message, cause } = error as Error
    return cause instanceof Error ? cause.message || cause.name : message
  }
}

const reason = await obstacle()
if (reason !== undefined) console.warn(`The published numbers are not checked: ${HUB} cannot be reached (${reason}).`)

/** @param at where in `values`: from its beginning, or, if negative, from its end */
function expectNear(values: ArrayLike<number>, at: number, published: readonly number[]): void {
  const start = at < 0 ? values.length + at : at
  for (const [i, value] of published.entries()) expect(values[start + i], `number ${start + i}`).toBeCloseTo(value, 3)
}

describe.skipIf(reason !== undefined)('albert/albert-base-v2', () => {
  const text = 'Kathmandu is city of Temples and Gods.'
  const ids = [2, 28823, 25, 136, 16, 9111, 17, 4769, 9, 3]

  it('cuts a sentence into the published ids', async () => {
    const tokenizer = await loadTokenizer('albert/albert-base-v2')
    expect([...tokenizer.encode(text).ids]).toEqual(ids)
  })

  it('gives the published vectors', async () => {
    using model = await loadModel('albert/albert-base-v2', { head: 'base' })
    const { last_hidden_state: states, pooler_output: pooled } = await model.run([{ ids }])
    expect(states?.dims).toEqual([1, 10, 768])
    const first = (states!.data as Float32Array).subarray(0, 768) // of the first token
    expectNear(first, 0, [0.1889, -0.0525, 0.1712])
    expectNear(first, -3, [-0.481, -0.3654, 0.5008])
    expectNear(pooled!.data as Float32Array, 0, [0.748, -0.7183, 0.7389, -0.3165, -0.4304])
  })
})

describe.skipIf(reason !== undefined)('FacebookAI/roberta-base', () => {
  it('cuts a sentence into the published tokens', async () => {
    const tokenizer = await loadTokenizer('FacebookAI/roberta-base')
    const { tokens, specialTokensMask } = tokenizer.encode('You are a beautiful person.')
    const words = tokens.filter((_, i) => specialTokensMask[i] === 0)
    expect(words).toEqual(['You', 'Ġare', 'Ġa', 'Ġbeautiful', 'Ġperson', '.'])
  })

  it('fills a mask as published', async () => {
    using fill = await pipeline('fill-mask', 'FacebookAI/roberta-base')
    const candidates = (await fill('you are a beautiful <mask>.', { top_k: 5 })).flat()
    expect(candidates.map(({ token_str }) => token_str.trim())).toEqual(['woman', 'person', 'girl', 'soul', 'lady'])
    const scores = candidates.map(({ score }) => score)
    expectNear(scores, 0, [0.2396, 0.1833, 0.1819, 0.0494, 0.0371])
  })
})

describe.skipIf(reason !== undefined)('mrm8488/spanbert-finetuned-squadv2', () => {
  it('answers a question as published', async () => {
    using ask = await pipeline('question-answering', 'mrm8488/spanbert-finetuned-squadv2')
    // The published passage goes on; what answers the question is its first sentence.
    const context = 'Machine learning is a subset of artificial intelligence. It is widely used.'
    const { answer } = await ask({ question: 'What is machine learning?', context })
    expect(answer).toBe('a subset of artificial intelligence')
  })
})
