// @huggingface/tokenizers, in JavaScript, as a contestant.

import { readFile } from 'node:fs/promises'
import { libraryOf, linesOf, serve } from './serve.mjs'

const { Tokenizer } = await libraryOf('@huggingface/tokenizers', 'npm install --prefix bench/peers')

serve({
  async tokenize(job) {
    const { folder } = job
    const read = async (name) => JSON.parse(await readFile(`${folder}/${name}`, 'utf8'))
    const tokenizer = new Tokenizer(await read('tokenizer.json'), await read('tokenizer_config.json'))
    const lines = await linesOf(job)
    const run = async () => {
      let count = 0
      for (const line of lines) count += tokenizer.encode(line, { add_special_tokens: false }).ids.length
      return count
    }
    return { answer: await run(), run }
  },
})
