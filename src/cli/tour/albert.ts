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
  [
    'The first bridge over the river was built of wood in 1812 and was washed away by a flood ten years later.',
    'It was replaced by a bridge of stone, which was used until a new road was opened in 1968.',
  ],
  [
    'Helen Marsh (born 4 March 1931) was a British painter and teacher who lived in Leeds for most of her life.',
    'She studied in London, and in 1955 she moved to Leeds, where she taught until she retired in 1990.',
  ],
  [
    'The company was founded in 1921 by two brothers who sold bicycles in a small shop in Turin.',
    'After the war the company began to build cars, and in 1957 it was sold to its largest competitor.',
  ],
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
    return [verdict, score.toFixed(2), `${beginning(text)} ${pc.dim('│')} ${beginning(text_pair)}`]
  })
  say(table(['', 'probability', 'first │ second'], rows))
  tell(bertkin('sentence-order', model, ...PAIRS[0]))
}

/** As much of a text as a line has room for. */
const beginning = (text: string): string => `${text.slice(0, 36)}…`

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
  say(showEntities(NAMES, await find(NAMES, { aggregation_strategy: 'simple' }), find.model.config.id2label))
  tell(bertkin('token-classification', model, NAMES, '--aggregation-strategy', 'simple'))
}
