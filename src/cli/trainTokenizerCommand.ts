// bertkin train-tokenizer: texts → a tokenizer's folder.

import { type Command, Option } from 'commander'
import { checkFolder, writeFolderAtomically } from '../checkpoint/index.js'
import { textCorpus } from '../data/index.node.js'
import { linesOf, TOKENIZER_TYPES, type TokenizerType, trainTokenizerOfType } from '../recipe/index.js'
import type { Tokenizer, TrainProgress } from '../tokenizer/index.js'
import { wholeNumber } from './options.js'
import { bar, integer, progressLine } from './terminal.js'

interface TrainTokenizerOptions {
  readonly type: TokenizerType
  readonly vocabSize: number
  readonly cased?: boolean
  readonly maxLength?: number
  readonly out: string
}

export function addTrainTokenizerCommand(program: Command): void {
  program
    .command('train-tokenizer')
    .summary('learn a vocabulary from your own text')
    .description('Trains a tokenizer on files and folders of UTF-8 text, and writes the files that models come with.')
    .argument('<texts...>', 'text files, or folders of .txt files')
    .requiredOption('--out <dir>', 'folder of the tokenizer’s files')
    .addOption(
      new Option('--type <name>', 'as BERT and ELECTRA have it, as ALBERT, or as RoBERTa')
        .choices(TOKENIZER_TYPES)
        .default('wordpiece'),
    )
    .option('--vocab-size <n>', 'entries, special tokens included', wholeNumber(100), 8000)
    .option('--cased', 'keep capital letters (and accents, with unigram); byte-level-bpe always does')
    .option('--max-length <n>', 'the most tokens that the model will take; default: none is named', wholeNumber(8))
    .addHelpText(
      'after',
      '\nExample:\n  bertkin train-tokenizer --type unigram --vocab-size 16000 --out my-tokenizer my-texts/',
    )
    .action(async (texts: string[], options: TrainTokenizerOptions) => {
      await checkFolder(options.out)
      const tokenizer = await train(texts, options)
      await writeFolderAtomically(options.out, tokenizer.toFiles())
      const fewer = tokenizer.vocabSize < options.vocabSize ? ', and the texts have no more' : ''
      process.stdout.write(`${options.out}: ${integer(tokenizer.vocabSize)} entries${fewer}\n`)
    })
}

async function train(
  texts: readonly string[],
  { type, vocabSize, cased = false, maxLength }: TrainTokenizerOptions,
): Promise<Tokenizer> {
  const line = progressLine()
  const onProgress = ({ phase, done, total }: TrainProgress): void =>
    line.show(
      phase === 'count'
        ? `reading: ${integer(done)} characters`
        : `${bar(done / total)} ${integer(done)}/${integer(total)} ${phase === 'merge' ? 'merges' : 'pieces fewer'}`,
    )
  try {
    const lines = linesOf(await textCorpus(texts))
    return await trainTokenizerOfType(type, lines, { vocabSize, cased, maxLength, onProgress })
  } finally {
    line.end()
  }
}
