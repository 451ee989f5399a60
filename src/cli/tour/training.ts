// npm start -- train: from raw text to an answer. Trains a vocabulary and a small ELECTRA on the sample stories, or on the texts
// that are given, saves it, loads it back, and shows what it learnt.

import { join } from 'node:path'
import pc from 'picocolors'
import { type FillMaskCandidate, pipeline } from '../../pipeline/index.js'
import { SAMPLE } from '../places.js'
import { consoleReporter } from '../pretrainCommand.js'
import { pretrain } from '../pretraining.js'
import type { PretrainingOptions } from '../pretrainingOptions.js'
import { duration } from '../terminal.js'
import { bertkin, heading, say, tell } from './page.js'
import { type Example, examplesFrom, sampleExamples } from './trainingExamples.js'
import { masksTable, replacementsTable } from './trainingTables.js'

/** What learns most from the sample in two minutes on two cores: measured, not guessed. */
export const trainingSettings: Omit<PretrainingOptions, 'texts' | 'out'> = {
  recipe: 'electra',
  size: 'micro',
  vocabSize: 2000,
  cased: false,
  steps: 4500,
  minutes: 2,
  batchSize: 8,
  microBatchSize: 8,
  maxLength: 48,
  learningRate: 1e-3,
  weightDecay: 0.01,
  dropout: 0,
  maskProbability: 0.25,
  discriminatorWeight: 10,
  seed: 42,
  heldOutEvery: 20,
  evaluationSequences: 256,
  evaluateEvery: 1000,
  saveMinutes: 10,
}

/** Trains on the texts, or on the sample stories, and asks what came of it. */
export async function trainingTour(texts: readonly string[], out: string, minutes: number): Promise<void> {
  const started = performance.now()
  const isSample = texts.length === 0
  heading('A small ELECTRA, from raw text to an answer')
  say(
    isSample
      ? `The text: ${pc.bold('sample/stories.txt')}, simple stories written for this.`
      : `The text: ${texts.join(', ')}`,
  )
  say('A generator learns to fill masks; a discriminator learns to tell its guesses from real words.')
  say('')

  const { tokenizer, heldOut } = await pretrain(
    {
      ...trainingSettings,
      minutes,
      texts: isSample ? [SAMPLE] : texts,
      out,
      command: ['npm', 'start', '--', 'train', ...texts],
    },
    consoleReporter(trainingSettings.steps),
  )
  const examples = isSample ? sampleExamples : await examplesFrom(heldOut, tokenizer, trainingSettings.seed)

  heading('Loaded back from the checkpoint')
  await fillMasks(out, examples.masks)
  await detectReplacements(out, examples.replacements)

  heading('Go on')
  say(
    `The run took ${duration((performance.now() - started) / 1000)}. It is in ${pc.bold(out)}: two folders that Python transformers opens, too, and report.html to look at.`,
  )
  tell(bertkin('fill-mask', out, examples.masks[0]?.text ?? 'The [MASK] is here.'))
  tell(bertkin('replaced-token-detection', out, examples.replacements[0]?.text ?? 'The table ate the cat.'))
  tell(bertkin('inspect', join(out, 'discriminator')))
  tell('npm start -- train my-texts/')
  tell(bertkin('pretrain', '--help'))
}

async function fillMasks(run: string, examples: readonly Example[]): Promise<void> {
  using fill = await pipeline('fill-mask', run)
  const texts = examples.map(({ text }) => text)
  const answers = (await fill(texts, { top_k: 3 })) as FillMaskCandidate[][] // one mask in each
  say(masksTable(examples, answers, fill.tokenizer.specialTokens.mask!.token))
  say('')
}

async function detectReplacements(run: string, examples: readonly Example[]): Promise<void> {
  using detect = await pipeline('replaced-token-detection', run)
  const answers = await detect(examples.map(({ text }) => text))
  say(
    replacementsTable(
      examples,
      answers.map(({ words }) => words),
    ),
  )
}
