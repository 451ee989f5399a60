// @huggingface/transformers, as a contestant: it runs the ONNX file that PyTorch exported.

import { beginnings, bestTokens, libraryOf, serve, spans } from './serve.mjs'

const { pipeline, env } = await libraryOf('@huggingface/transformers', 'npm install --prefix bench/peers')
env.allowRemoteModels = false

const open = (task, folder, threads) => {
  env.localModelPath = `${folder}/..`
  const session_options = { intraOpNumThreads: threads, interOpNumThreads: 1 }
  return pipeline(task, folder.split('/').at(-1), { dtype: 'fp32', device: 'cpu', session_options })
}

serve({
  async 'fill-mask'({ folder, texts, threads }) {
    const fill = await open('fill-mask', folder, threads)
    const run = () => fill(texts)
    return { answer: bestTokens(await run()), run }
  },

  async 'question-answering'({ folder, questions, threads }) {
    const ask = await open('question-answering', folder, threads)
    const run = async () => {
      const answers = []
      for (const { question, context } of questions) answers.push(await ask(question, context))
      return answers
    }
    return { answer: spans(await run()), run }
  },

  async embeddings({ folder, texts, threads }) {
    const embed = await open('feature-extraction', folder, threads)
    const run = async () => {
      const vectors = []
      for (let i = 0; i < texts.length; i += 32) {
        vectors.push(...(await embed(texts.slice(i, i + 32), { pooling: 'mean' })).tolist())
      }
      return vectors
    }
    return { answer: beginnings(await run()), run }
  },
})
