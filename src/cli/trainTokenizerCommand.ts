// bertkin train-tokenizer: texts → a tokenizer's folder.

import { type Command, Option } from 'commander'
import { checkFolder, writeFolderAtomically } from '../checkpoint/index.js'
import { textCorpus } from '../data/index.node.js'
import {
  type Tokenizer,
  type TrainProgress,
  trainByteLevelBpe,
  trainUnigram,
  trainWordPiece,
} from '../tokenizer/index.js'
import { wholeNumber } from './options.js'
import { bar, integer, progressLine } from './terminal.js'

const TYPES = ['wordpiece', 'unigram', 'byte-level-bpe'] as const

interface TrainTokenizerOptions {
  readonly type: (typeof TYPES)[number]
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
        .choices(TYPES)
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
      const tokenizer = await train(lines(texts), options)
      await writeFolderAtomically(options.out, tokenizer.toFiles())
      const fewer = tokenizer.vocabSize < options.vocabSize ? ', and the texts have no more' : ''
      process.stdout.write(`${options.out}: ${integer(tokenizer.vocabSize)} entries${fewer}\n`)
    })
}

async function* lines(texts: readonly string[]): AsyncGenerator<string> {
  for await (const document of (await textCorpus(texts)).documents()) yield* document.lines
}

async function train(
  source: AsyncIterable<string>,
  { type, vocabSize, cased = false, maxLength }: TrainTokenizerOptions,
): Promise<Tokenizer> {
  const line = progressLine()
  const onProgress = ({ phase, done, total }: TrainProgress): void =>
    line.show(
      phase === 'count'
        ? `reading: ${integer(done)} characters`
        : `${bar(done / total)} ${integer(done)}/${integer(total)} ${phase === 'merge' ? 'merges' : 'pieces fewer'}`,
    )
  const options = { vocabSize, onProgress, ...(maxLength !== undefined && { modelMaxLength: maxLength }) }
  try {
    switch (type) {
      case 'wordpiece':
        return await trainWordPiece(source, { ...options, lowercase: !cased })
      case 'unigram':
        return await trainUnigram(source, { ...options, lowercase: !cased, stripAccents: !cased })
      case 'byte-level-bpe':
        return await trainByteLevelBpe(source, options)
    }
  } finally {
    line.end()
  }
}
