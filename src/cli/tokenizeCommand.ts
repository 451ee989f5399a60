// bertkin tokenize: texts → tokens and ids.

import type { Command } from 'commander'
import pc from 'picocolors'
import { loadTokenizer } from '../pipeline/index.js'
import type { Encoding } from '../tokenizer/index.js'
import { textInput } from './textInput.js'

interface TokenizeOptions {
  readonly pair?: string
  readonly file?: string
  readonly json: boolean
}

export function addTokenizeCommand(program: Command): void {
  program
    .command('tokenize')
    .summary('show how a text is cut into tokens')
    .description('Shows the tokens and ids of texts.')
    .argument('<model>', 'a folder with a tokenizer, or of a pretraining run')
    .argument('[texts...]', 'texts; default: lines of standard input')
    .option('--pair <text>', 'a second segment')
    .option('--file <file>', 'read texts from the lines of a file')
    .option('--json', 'for machines: one object a line, with offsets', false)
    .addHelpText('after', '\nExample:\n  bertkin tokenize runs/mine/generator "Tokenization is unbelievable."')
    .action(async (model: string, texts: string[], { pair, file, json }: TokenizeOptions) => {
      const tokenizer = await loadTokenizer(model)
      for await (const text of textInput(texts, file)) {
        const encoding = tokenizer.encode(text, pair === undefined ? {} : { pair })
        process.stdout.write(json ? `${JSON.stringify(plain(encoding))}\n` : `${describe(encoding)}\n`)
      }
    })
}

/** An encoding as plain arrays. Offsets count UTF-16 units. */
function plain({ ids, tokens, typeIds, offsets, wordIds }: Encoding) {
  return { ids: [...ids], tokens, type_ids: [...typeIds], offsets, word_ids: wordIds }
}

/** Each token above its id, in columns. */
function describe({ ids, tokens, specialTokensMask }: Encoding): string {
  const cells = tokens.map((token, i) => {
    const id = String(ids[i])
    const width = Math.max([...token].length, id.length)
    const shown = token + ' '.repeat(width - [...token].length)
    return { token: specialTokensMask[i] === 1 ? pc.dim(shown) : shown, id: pc.cyan(id.padEnd(width)) }
  })
  return `${cells.map(({ token }) => token).join('  ')}\n${cells.map(({ id }) => id).join('  ')}`
}
