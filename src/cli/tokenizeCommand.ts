// bertkin tokenize: texts → tokens and ids.

import type { Command } from 'commander'
import pc from 'picocolors'
import { loadTokenizer } from '../pipeline/index.js'
import type { Encoding } from '../tokenizer/index.js'
import { loadingOptions } from './downloads.js'
import { MODEL } from './options.js'
import { textInput } from './textInput.js'

interface TokenizeOptions {
  readonly pair?: string
  readonly file?: string
  readonly json?: boolean
}

export function addTokenizeCommand(program: Command): void {
  program
    .command('tokenize')
    .summary('show how a text is cut into tokens')
    .description('Shows the tokens and ids of texts.')
    .argument('<model>', MODEL)
    .argument('[texts...]', 'texts; default: lines of standard input')
    .option('--pair <text>', 'a second segment')
    .option('--file <file>', 'read texts from the lines of a file')
    .option('--json', 'for machines: one object a line, with offsets')
    .addHelpText('after', '\nExample:\n  bertkin tokenize runs/mine/generator "Tokenization is unbelievable."')
    .action(async (model: string, texts: string[], { pair, file, json }: TokenizeOptions) => {
      const tokenizer = await loadTokenizer(model, loadingOptions())
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

const GAP = '  '

/** Each token above its id, in columns; on a terminal, in as many pairs of lines as fit its width. */
function describe({ ids, tokens, specialTokensMask }: Encoding): string {
  const room = process.stdout.columns || Number.POSITIVE_INFINITY
  const rows = [{ tokens: [] as string[], ids: [] as string[] }]
  let used = 0
  tokens.forEach((token, i) => {
    const id = String(ids[i])
    const width = Math.max([...token].length, id.length)
    if (used > 0 && used + width > room) {
      rows.push({ tokens: [], ids: [] })
      used = 0
    }
    used += width + GAP.length
    const shown = token + ' '.repeat(width - [...token].length)
    rows.at(-1)!.tokens.push(specialTokensMask[i] === 1 ? pc.dim(shown) : shown)
    rows.at(-1)!.ids.push(pc.cyan(id.padEnd(width)))
  })
  return rows.map((row) => `${row.tokens.join(GAP).trimEnd()}\n${row.ids.join(GAP).trimEnd()}`).join('\n')
}
