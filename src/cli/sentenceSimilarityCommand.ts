// bertkin sentence-similarity: a sentence and others → how close each of them is to it.

import { type Command, Option } from 'commander'
import pc from 'picocolors'
import { type Pooling, pipeline } from '../pipeline/index.js'
import { int8Option, loading, print, type TaskOptions } from './taskCommands.js'
import { textInput } from './textInput.js'

interface SentenceSimilarityCommandOptions extends TaskOptions {
  readonly pooling: Exclude<Pooling, 'none'>
}

export function addSentenceSimilarityCommand(program: Command): void {
  const poolings = new Option('--pooling <name>', 'how a sentence becomes one vector')
  program
    .command('sentence-similarity')
    .summary('find what is close to a sentence')
    .description('Scores how close sentences are to a source sentence, from -1 to 1.')
    .argument('<model>', 'a checkpoint folder, or the folder of a pretraining run')
    .argument('<source>', 'the sentence to compare with')
    .argument('[sentences...]', 'sentences; default: lines of standard input')
    .option('--file <file>', 'read sentences from the lines of a file')
    .addOption(poolings.choices(['mean', 'cls']).default('mean'))
    .option('--truncation', 'cut sentences that are too long for the model')
    .addOption(int8Option())
    .option('--json', 'for machines: the scores as one array, in the order of the sentences')
    .addHelpText(
      'after',
      '\nExample:\n  bertkin sentence-similarity runs/mine "She sat down." "She took a seat." "The sun is far away."',
    )
    .action(async (model: string, source: string, given: string[], options: SentenceSimilarityCommandOptions) => {
      const { file, json = false, truncation = false, pooling } = options
      using compare = await pipeline('sentence-similarity', model, loading(options))
      const sentences: string[] = []
      for await (const sentence of textInput(given, file)) sentences.push(sentence)
      const scores = await compare({ source_sentence: source, sentences }, { pooling, truncation })
      print(json, scores, () => showScores(source, sentences, scores))
    })
}

const BAR = 20

/** The source, and below it the sentences, closest first, each with a bar as long as it is close. */
export function showScores(source: string, sentences: readonly string[], scores: readonly number[]): string {
  const ranked = scores.map((score, i) => ({ score, sentence: sentences[i]! })).sort((a, b) => b.score - a.score)
  const lines = ranked.map(({ score, sentence }) => {
    const full = Math.round(Math.max(0, score) * BAR)
    const bar = pc.cyan('█'.repeat(full)) + ' '.repeat(BAR - full)
    return `  ${score.toFixed(4).padStart(7)}  ${bar}  ${sentence}`
  })
  return [pc.bold(source), ...lines].join('\n')
}
