// The Rust package `tokenizers`, as a contestant: its batch call, with as many threads as RAYON_NUM_THREADS says.

import { libraryOf, linesOf, serve } from './serve.mjs'

const { Tokenizer } = await libraryOf('tokenizers', 'npm ci')

serve({
  async tokenize(job) {
    const { folder, offsets } = job
    const tokenizer = Tokenizer.fromFile(`${folder}/tokenizer.json`)
    const lines = await linesOf(job)
    const run = async () => {
      const encodings = await tokenizer.encodeBatch(lines, { addSpecialTokens: false })
      let count = 0
      for (const encoding of encodings) {
        count += encoding.getIds().length
        if (offsets) count += 0 * encoding.getOffsets().length // they have to come out of Rust
      }
      return count
    }
    return { answer: await run(), run }
  },
})
