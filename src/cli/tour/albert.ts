// ALBERT in the tour: what sharing saves, and what sentence order, vectors and entities make of it.

import pc from 'picocolors'
import { createConfig, openFolder } from '../../checkpoint/index.js'
import { paperCounts, readConfig } from '../../model/index.js'
import { pipeline } from '../../pipeline/index.js'
import { showBars } from '../showAnswers.js'
import { integer, table } from '../terminal.js'
import { showEntities } from '../tokenClassificationCommand.js'
import type { Models } from './models.js'
import { bertkin, heading, say, step, tell } from './page.js'

/** Written one after the other. */
const PAIRS = [
  ['The town was founded in 1852.', 'It was named after its first mayor.'],
  ['Her first novel was published in 1931.', 'It was followed by two more books about the same family.'],
  ['The band released its second album in May.', 'However, the album did not sell well.'],
  ['Mozart was born in Salzburg.', 'He later moved to Vienna, where he died in 1791.'],
] as const

const SOURCE = 'The river flows through the valley to the sea.'
const SENTENCES = [
  'The stream runs down from the hills into the lake.',
  'The team won the last match of the season.',
  'She was elected to the parliament in 1964.',
]

const NAMES = 'Anna Berg met Lionel Messi in Barcelona before the concert of Coldplay.'

export async function albertTour(models: Models): Promise<void> {
  heading('ALBERT: all layers share one set of parameters, and learn which sentence comes first')
  await savings(models.path('albert'))
  await order(models.path('albert'))
  await vectors(models.path('albert'))
  await entities(models.path('albert-entities'))
}

async function savings(model: string): Promise<void> {
  step('How many parameters that saves')
  const base = createConfig({ modelType: 'albert', hiddenSize: 768, numAttentionHeads: 12, intermediateSize: 3072 })
  const rows = Object.entries({ 'ALBERT-base': base, [model]: await readConfig(await openFolder(model)) })
  say(
    table(
      ['', 'as it is', 'each layer its own', 'embeddings as wide as layers', 'both, as BERT'],
      rows.map(([name, config]) => {
        const {
          model,
          withoutSharing = model,
          withoutFactorization = model,
          withoutEither = withoutSharing,
        } = paperCounts(config)
        const others = [withoutSharing, withoutFactorization, withoutEither].map(
          (count) => `${integer(count)} ${pc.dim(`× ${(count / model).toFixed(1)}`)}`,
        )
        return [name, pc.bold(integer(model)), ...others]
      }),
      [1, 2, 3, 4],
    ),
  )
  tell(bertkin('inspect', model))
}

async function order(model: string): Promise<void> {
  step('Which sentence comes first?')
  using judge = await pipeline('sentence-order', model)
  const asked = PAIRS.flatMap(([text, text_pair]) => [
    { text, text_pair, truth: 'in_order' },
    { text: text_pair, text_pair: text, truth: 'swapped' },
  ])
  const answers = await judge(asked.map(({ text, text_pair }) => ({ text, text_pair })))
  const rows = asked.map(({ text, text_pair, truth }, i) => {
    const { label, score } = answers[i]!
    const verdict = `${label === truth ? pc.green('✓') : pc.red('✗')} ${label.replace('_', ' ')}`
    return [verdict, score.toFixed(2), `${text} ${pc.dim('│')} ${text_pair}`]
  })
  say(table(['', 'probability', 'first │ second'], rows))
  tell(bertkin('sentence-order', model, ...PAIRS[0]))
}

async function vectors(model: string): Promise<void> {
  step('Sentences as vectors')
  using compare = await pipeline('sentence-similarity', model)
  const scores = await compare({ source_sentence: SOURCE, sentences: SENTENCES })
  say(pc.bold(SOURCE))
  say(showBars(SENTENCES.map((name, i) => ({ name, score: scores[i]! }))).join('\n'))
  tell(bertkin('sentence-similarity', model, SOURCE, ...SENTENCES))
}

async function entities(model: string): Promise<void> {
  step('Names, after fine-tuning on WNUT-17')
  using find = await pipeline('token-classification', model)
  say(showEntities(NAMES, await find(NAMES, { aggregation_strategy: 'first' }), find.model.config.id2label))
  tell(bertkin('token-classification', model, NAMES, '--aggregation-strategy', 'first'))
}
