// bertkin, as a contestant.

import { input, linear, parameter } from '../../dist/graph/index.js'
import { loadTokenizer, pipeline } from '../../dist/pipeline/index.js'
import { Runtime } from '../../dist/runtime/index.js'
import { beginnings, bestTokens, linesOf, serve, spans } from './serve.mjs'

serve({
  async 'fill-mask'({ folder, texts, threads, prepack = true, weights = 'float32' }) {
    const fill = await pipeline('fill-mask', folder, { threads, prepack, weights })
    return { answer: bestTokens(await fill(texts)), run: () => fill(texts) }
  },

  async 'question-answering'({ folder, questions, threads }) {
    const ask = await pipeline('question-answering', folder, { threads, prepack: true })
    return { answer: spans(await ask(questions)), run: () => ask(questions) }
  },

  async embeddings({ folder, texts, threads }) {
    const embed = await pipeline('feature-extraction', folder, { threads, prepack: true })
    const run = () => embed(texts, { pooling: 'mean' })
    return { answer: beginnings(await run()), run }
  },

  async tokenize(job) {
    const { folder, offsets } = job
    const tokenizer = await loadTokenizer(folder)
    const lines = await linesOf(job)
    const run = async () => {
      let count = 0
      for (const line of lines) {
        if (offsets) {
          const encoding = tokenizer.encode(line, { addSpecialTokens: false })
          count += encoding.ids.length + 0 * encoding.offsets.length
        } else count += tokenizer.encodeIds(line).length
      }
      return count
    }
    return { answer: await run(), run }
  },

  async 'batch-inference'({ folder, texts, threads }) {
    const runtime = await Runtime.open({ threads })
    const embed = await pipeline('feature-extraction', folder, { runtime, prepack: true })
    const run = () => embed(texts, { pooling: 'mean' })
    await run()
    return { answer: runtime.flops, run }
  },

  // What is loaded for this is not to be counted where a process's start is.
  training: async (job) => (await import('./bertkinTraining.mjs')).training(job),

  async product({ size, times, threads }) {
    const runtime = await Runtime.open({ threads })
    const data = new Float32Array(size * size).fill(0.5)
    const weight = { dtype: 'float32', data: new Uint8Array(data.buffer) } // stored, so that it is rearranged for speed
    const y = linear(input('x', 'float32', [size, size]), parameter('weight', [size, size]))
    const product = await runtime.compile({ y }, { stored: () => weight })
    const into = { y: { data: new Float32Array(size * size), dims: [size, size] } }
    const run = async () => {
      for (let i = 0; i < times; i++) await product.run({ x: { data, dims: [size, size] } }, into)
    }
    await run()
    return { answer: runtime.flops, run }
  },
})
