// README.md of a checkpoint: the model card that the Hugging Face hub shows, written from what a run knows and from nothing
// else. See https://huggingface.co/docs/hub/model-cards for the front matter.

import type { EncoderConfig } from '../checkpoint/index.js'
import { counted } from '../counted.js'
import { className, type Head, parameterCount } from '../model/index.js'
import { lastStep, lastValue, type Metrics } from './metrics.js'
import { describeValue, type RunFacts, shellCommand } from './run.js'

/** What a card is written from. */
export interface CardContent {
  /** What the model is called. */
  readonly name: string
  readonly config: EncoderConfig
  readonly head: Head
  readonly facts: RunFacts
  readonly metrics: Metrics
  /** The step whose weights they are; the last one that `metrics` knows unless given. */
  readonly step?: number
  /** The step that the run has come to; `step` unless given. */
  readonly runStep?: number
  /** The tokenizer's mask, for the examples; `[MASK]` unless given. */
  readonly maskToken?: string
  /** The text's language as ISO 639 has it; left out unless given. */
  readonly language?: string
  /** The model that was trained further, by the name under which it was loaded; none if training began from nothing. */
  readonly baseModel?: string
}

/** Cards that have this line were written by a run, and may be by the next one. */
export const CARD_MARK =
  '<!-- Written by a bertkin run, and by the next one again. Without this line it is left alone. -->'

interface Use {
  /** The hub's name for what it does. */
  readonly tag: string
  /** bertkin's task. */
  readonly task?: string
  readonly autoClass: string
}

const USES: Readonly<Record<Head, Use>> = {
  base: { tag: 'feature-extraction', task: 'feature-extraction', autoClass: 'AutoModel' },
  'masked-lm': { tag: 'fill-mask', task: 'fill-mask', autoClass: 'AutoModelForMaskedLM' },
  pretraining: { tag: 'fill-mask', task: 'fill-mask', autoClass: 'AutoModelForPreTraining' },
  'next-sentence-prediction': { tag: 'text-classification', autoClass: 'AutoModelForNextSentencePrediction' },
  'span-boundary': { tag: 'fill-mask', task: 'span-infilling', autoClass: 'AutoModelForMaskedLM' },
  'sequence-classification': {
    tag: 'text-classification',
    task: 'text-classification',
    autoClass: 'AutoModelForSequenceClassification',
  },
  'token-classification': {
    tag: 'token-classification',
    task: 'token-classification',
    autoClass: 'AutoModelForTokenClassification',
  },
  'question-answering': {
    tag: 'question-answering',
    task: 'question-answering',
    autoClass: 'AutoModelForQuestionAnswering',
  },
  'multiple-choice': { tag: 'multiple-choice', autoClass: 'AutoModelForMultipleChoice' },
}

/** ELECTRA's pretraining head is the discriminator, which fills no masks. */
const DISCRIMINATOR: Use = {
  tag: 'feature-extraction',
  task: 'replaced-token-detection',
  autoClass: 'AutoModelForPreTraining',
}

/**
 * A model card: what the model is, what it was trained on and how, what was measured, and how to use it. It claims nothing
 * that the run did not measure, and states no licence.
 *
 * @example
 * const facts = parseRunFacts('{"title": "bert, tiny", "command": ["bertkin", "pretrain", "text.txt"]}')
 * const metrics = parseMetrics('{"step": 100, "mlm_loss": 5.1}')
 * const config = createConfig({ modelType: 'bert' })
 * const markdown = modelCard({ name: 'mine', config, head: 'masked-lm', facts, metrics, language: 'en' })
 */
export function modelCard(content: CardContent): string {
  const { name, config, head, facts, metrics, baseModel } = content
  const count = parameterCount(config, head).toLocaleString('en-US')
  const origin = baseModel === undefined ? 'trained from random weights' : `trained further from ${code(baseModel)}`
  const title = facts.title ? ` (${inline(facts.title)})` : ''
  return `${[
    frontMatter(content),
    CARD_MARK,
    `# ${inline(name)}`,
    `${code(className(config, head))} with ${count} parameters, ${origin} with bertkin${title}, for ${stepsOf(content)}.`,
    ...modelSection(config),
    ...dataSection(facts, metrics),
    ...trainingSection(facts),
    ...resultsSection(metrics),
    ...useSection(content),
    '## Licence',
    'None is stated: that is for whoever publishes these weights, with the rights to the text in mind.',
  ].join('\n\n')}\n`
}

function stepsOf({ metrics, step = lastStep(metrics), runStep = step }: CardContent): string {
  const steps = counted(step, 'step', integer)
  return step === runStep ? steps : `${steps}: the best on held-out text of a run of ${integer(runStep)}`
}

const useOf = ({ head, config }: Pick<CardContent, 'head' | 'config'>): Use =>
  head === 'pretraining' && config.modelType === 'electra' ? DISCRIMINATOR : USES[head]

function frontMatter(content: CardContent): string {
  const { config, language, baseModel } = content
  const { tag } = useOf(content)
  return [
    '---',
    'library_name: transformers',
    `pipeline_tag: ${tag}`,
    ...(language === undefined ? [] : [`language: ${JSON.stringify(language)}`]),
    ...(baseModel === undefined ? [] : [`base_model: ${JSON.stringify(baseModel)}`]),
    'tags:',
    `- ${config.modelType}`,
    `- ${baseModel === undefined ? 'pretraining' : 'fine-tuning'}`,
    '- bertkin',
    '---',
  ].join('\n')
}

function modelSection(config: EncoderConfig): string[] {
  const { hiddenSize, embeddingSize, numHiddenLayers, numAttentionHeads, intermediateSize } = config
  const { vocabSize, maxPositionEmbeddings } = config
  const rows: [string, number][] = [
    ['layers', numHiddenLayers],
    ['hidden size', hiddenSize],
    ['embedding size', embeddingSize],
    ['attention heads', numAttentionHeads],
    ['inner size', intermediateSize],
    ['vocabulary', vocabSize],
    ['positions', maxPositionEmbeddings],
  ]
  return [
    '## Model',
    table(
      ['', 'size'],
      rows.map(([what, size]) => [what, integer(size)]),
    ),
  ]
}

function dataSection({ data }: RunFacts, metrics: Metrics): string[] {
  const tokens = lastValue(metrics, 'tokens')
  const rows: [string, number | undefined][] = [
    ['files', data.files],
    ['documents', data.documents],
    ['words', data.words],
    ['one document held out in', data.heldOutEvery],
    ['tokens seen in training, repetitions included', tokens],
  ]
  const known = rows.filter((row): row is [string, number] => (row[1] ?? 0) > 0)
  return known.length === 0
    ? []
    : [
        '## Data',
        table(
          ['', 'count'],
          known.map(([what, n]) => [what, integer(n)]),
        ),
      ]
}

function trainingSection({ command, settings, environment }: RunFacts): string[] {
  const rows = Object.entries(settings)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([setting, value]) => [inline(setting), inline(describeValue(value))])
  const versions = Object.entries(environment).map(([what, which]) => [inline(what), inline(which)])
  return [
    '## Training',
    ...(command.length === 0 ? [] : [fenced('sh', shellCommand(command))]),
    ...(rows.length === 0 ? [] : [table(['setting', 'value'], rows)]),
    ...(versions.length === 0 ? [] : [table(['', 'where'], versions)]),
  ]
}

/** The last evaluation: everything that was measured on held-out text, and nothing of training batches. */
function resultsSection(metrics: Metrics): string[] {
  const ofTraining =
    /^(train_.*|learning_rate|gradient_norm|tokens_per_second|step_operations|peak_share|skipped_steps|tokens|seconds)$/
  const rows = [...metrics]
    .filter(([name]) => !ofTraining.test(name))
    .flatMap(([name, points]) => {
      const last = points.at(-1)
      return last ? [[code(name), Number(last[1].toPrecision(5)).toString(), integer(last[0])]] : []
    })
  if (rows.length === 0) return ['## Results', 'Nothing was held out, so nothing was measured.']
  return ['## Results', 'On held-out text (losses in nats):', table(['', 'value', 'at step'], rows)]
}

function useSection(content: CardContent): string[] {
  const { config, head, name, maskToken = '[MASK]' } = content
  const { task, autoClass } = useOf(content)
  const fillsMasks = task === 'fill-mask'
  const text = fillsMasks ? `A sentence with a ${maskToken} in it.` : 'A sentence.'
  const [folder, quoted] = [`./${name}`, JSON.stringify(text)]
  const input = task === 'question-answering' ? '{ question: "Who?", context: "A sentence." }' : quoted
  const javascript = `import { pipeline } from 'bertkin'\n\nusing run = await pipeline('${task}', '${folder}')\nconsole.log(await run(${input}))`
  const both = ['pretraining', 'masked-lm', 'span-boundary'].includes(head) && fillsMasks
  const python = [
    `from transformers import AutoTokenizer, ${autoClass}`,
    '',
    `tokenizer = AutoTokenizer.from_pretrained("${folder}")`,
    `model = ${autoClass}.from_pretrained("${folder}")`,
    `outputs = model(**tokenizer(${quoted}, return_tensors="pt"))`,
    ...(config.modelType === 'electra' && head === 'pretraining'
      ? ['replaced = outputs.logits > 0  # a verdict for every token']
      : []),
    ...(both && head !== 'pretraining'
      ? ['', '# or', 'from transformers import pipeline', `pipeline("fill-mask", "${folder}")(${quoted})`]
      : []),
  ].join('\n')
  return ['## Use', ...(task === undefined ? [] : [fenced('ts', javascript)]), fenced('python', python)]
}

const integer = (value: number): string => Math.round(value).toLocaleString('en-US')

/** A text in a line of Markdown: nothing in it is markup. */
const inline = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replace(/[\\`*_{}[\]<>|#]/g, (mark) => `\\${mark}`)

const code = (text: string): string => `\`${text.replaceAll(/[`\s]+/g, ' ')}\``

/** A block of code, whatever stands in it. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
