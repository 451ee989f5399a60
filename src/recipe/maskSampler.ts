// A few held-out sentences with a word hidden in each, which a model in training fills again and again: so one sees what it
// has learnt.

import type { Corpus } from '../data/index.js'
import { input } from '../graph/index.js'
import { batchFor, defineModel, kins, selectRows } from '../model/index.js'
import type { TrainedModel } from '../objective/index.js'
import { Random } from '../random.js'
import type { MaskSample } from '../report/index.js'
import type { CompiledFunction, Runtime } from '../runtime/index.js'
import type { Encoding, Tokenizer } from '../tokenizer/index.js'
import type { ParameterStore } from '../train/index.js'

const SENTENCES = 6
const GUESSES = 5
/** Enough of a corpus to choose from. */
const LINES = 2000
/** Words of a sentence that says enough and fits a page. */
const WORDS = { fewest: 6, most: 24 } as const

interface Question {
  readonly line: string
  readonly encoding: Encoding
  /** Where the mask stands. */
  readonly column: number
}

/**
 * Fills masks with the parameters as they are at the time.
 *
 * @example
 * const [tokenizer, heldOut] = [await loadTokenizer('models/bert'), memoryCorpus([['The dog barked at the cold river.']])]
 * const objective = maskedLm(createConfig({ modelType: 'bert' }), maskingVocabulary(tokenizer))
 * using runtime = await Runtime.open()
 * using trainer = await Trainer.create(objective, runtime, { steps: 1000 })
 * const source = { tokenizer, heldOut, seed: 0, maxLength: 128 }
 * const sampler = await MaskSampler.create(objective.models, trainer.parameters, runtime, source)
 * for (const { before, guesses, after } of (await sampler?.sample()) ?? []) console.log(before, guesses[0]?.token, after)
 */
export class MaskSampler {
  private constructor(
    private readonly model: TrainedModel,
    private readonly parameters: ParameterStore,
    private readonly tokenizer: Tokenizer,
    private readonly questions: readonly Question[],
    private readonly compiled: CompiledFunction<'logits'>,
  ) {}

  /** @returns undefined where there is nothing to fill masks with, or no sentence to fill them in */
  static async create(
    models: readonly TrainedModel[],
    parameters: ParameterStore,
    runtime: Runtime,
    source: {
      readonly tokenizer: Tokenizer
      readonly heldOut: Corpus
      readonly seed: number
      readonly maxLength: number
    },
  ): Promise<MaskSampler | undefined> {
    const model = models.find(fillsMasks)
    if (!model || !source.tokenizer.specialTokens.mask) return undefined
    const questions = await chooseQuestions(source)
    if (questions.length === 0) return undefined
    const definition = defineModel(model.config, model.head)
    const head = kins[model.config.modelType].heads[model.head]!
    const outputs = head.apply(selectRows(definition.encoded, input('rows', 'int32', ['rows'])), definition)
    const logits = (outputs.logits ?? outputs.prediction_logits)! // [rows, vocabulary]
    return new MaskSampler(model, parameters, source.tokenizer, questions, await runtime.compile({ logits }))
  }

  async sample(): Promise<MaskSample[]> {
    const { config, parameterName } = this.model
    const mask = this.tokenizer.specialTokens.mask!.id
    const sequences = this.questions.map(({ encoding: { ids, typeIds }, column }) => ({
      ids: Array.from(ids, (id, i) => (i === column ? mask : id)),
      typeIds,
    }))
    const { feeds } = batchFor(config, sequences)
    const firstRows = feeds.firstRows!.data
    const rows = Int32Array.from(this.questions, ({ column }, i) => Number(firstRows[i]) + column)
    const available = { ...feeds, rows: { data: rows, dims: [rows.length] } }
    const inputs = this.compiled.inputs.map(({ name }) => {
      const fed = Object.hasOwn(available, name) ? available[name as keyof typeof available] : undefined
      return [name, fed ?? this.parameters.get(parameterName(name))!] as const
    })
    const { logits } = await this.compiled.run(Object.fromEntries(inputs))
    const width = logits.dims[1]!
    const values = logits.data as Float32Array
    return this.questions.map((question, i) => this.#answer(question, values.subarray(i * width, (i + 1) * width)))
  }

  dispose(): void {
    this.compiled.dispose()
  }

  #answer({ line, encoding, column }: Question, logits: Float32Array): MaskSample {
    const scores = softmax(logits)
    const [start, end] = encoding.offsets[column]!
    const best = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!)
    return {
      before: line.slice(0, start),
      after: line.slice(end),
      meant: line.slice(start, end),
      probability: scores[encoding.ids[column]!]!,
      guesses: best.slice(0, GUESSES).map((id) => ({ token: this.tokenizer.decode([id]).trim(), score: scores[id]! })),
    }
  }
}

/** ELECTRA's pretraining head is the discriminator; its generator has a head for masks. */
const fillsMasks = ({ head, config }: TrainedModel): boolean =>
  head === 'masked-lm' || head === 'span-boundary' || (head === 'pretraining' && config.modelType !== 'electra')

async function chooseQuestions({
  tokenizer,
  heldOut,
  seed,
  maxLength,
}: {
  readonly tokenizer: Tokenizer
  readonly heldOut: Corpus
  readonly seed: number
  readonly maxLength: number
}): Promise<Question[]> {
  const random = new Random(seed)
  const lines = random.shuffle(await candidateLines(heldOut))
  const questions: Question[] = []
  for (const text of lines) {
    const encoding = tokenizer.encode(text, { truncation: { maxLength } })
    const column = pickColumn(text, encoding, random)
    if (column === undefined) continue
    const read = encoding.offsets.reduce((most, [, end]) => Math.max(most, end), 0)
    questions.push({ line: encoding.overflowing.length > 0 ? text.slice(0, read) : text, encoding, column })
    if (questions.length === SENTENCES) break
  }
  return questions
}

/** Lines of a good length; any, if there are too few of them. */
async function candidateLines(corpus: Corpus): Promise<string[]> {
  const all: string[] = []
  for await (const { lines } of corpus.documents()) {
    all.push(...lines)
    if (all.length >= LINES) break
  }
  const good = all.filter((line) => {
    const words = line.split(/\s+/).length
    return words >= WORDS.fewest && words <= WORDS.most
  })
  return good.length >= SENTENCES ? good : all
}

/** A word of three letters or more that is one token. */
function pickColumn(line: string, { ids, wordIds, offsets }: Encoding, random: Random): number | undefined {
  const columns = Array.from(ids.keys()).filter((column) => {
    const word = wordIds[column]
    const [start, end] = offsets[column]!
    const isAlone = word !== null && wordIds[column - 1] !== word && wordIds[column + 1] !== word
    return isAlone && /^\p{L}{3,}$/u.test(line.slice(start, end))
  })
  return columns.length === 0 ? undefined : columns[random.below(columns.length)]
}

function softmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  const scores = Float64Array.from(logits, (value) => Math.exp(value - largest))
  const sum = scores.reduce((total, value) => total + value, 0)
  return scores.map((value) => value / sum)
}
