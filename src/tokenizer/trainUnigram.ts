// Trains an ALBERT tokenizer on one's own text.
import { specialToken } from './addedTokens.js'
import { Metaspace } from './metaspace.js'
import { StepNormalizer } from './normalizerSequence.js'
import {
  lowercase as lowercaseStep,
  type NormalizerStep,
  normalForm,
  replace,
  stripAccents,
} from './normalizerSteps.js'
import { type Pattern, patternFromJson } from './pattern.js'
import { BARE_TEMPLATE, bertTemplate } from './template.js'
import { Tokenizer } from './tokenizer.js'
import {
  breather,
  checkTrainingOptions,
  countWords,
  invalid,
  specialTokenFinder,
  type TrainProgress,
} from './training.js'
import { Unigram } from './unigram.js'
import { UnigramTraining } from './unigramTraining.js'
import { PreTokenizerSequence, whitespaceSplit } from './whitespaceSplit.js'

/** Options of {@link trainUnigram}. */
export interface TrainUnigramOptions {
  /** How many ids, special tokens and characters included; fewer if the text has no more that repeats. */
  vocabSize: number
  /** Lower-case the text, in training and ever after. Default true. */
  lowercase?: boolean
  /** Take compatibility characters apart (NFKD) and drop accents, in training and ever after. Default true. */
  stripAccents?: boolean
  /** The share of all characters that get a token, most frequent first; the rest is unknown. Default 0.99995. */
  characterCoverage?: number
  /** The most characters of a token. Default 16. */
  maxPieceLength?: number
  /** The most candidates to begin with. Default 1,000,000. */
  seedSize?: number
  /** How much of the candidates stays at each pruning. Default 0.75. */
  shrinkingFactor?: number
  /** How often the probabilities are fitted before each pruning. Default 2. */
  subIterations?: number
  /**
   * Get the first ids, in this order; `<unk>` must be among them. Default `<pad>`, `<unk>`, `[CLS]`, `[SEP]`, `[MASK]`.
   * Those names give them their roles; `[CLS]` and `[SEP]` are put around texts if both are there, `[MASK]` swallows the
   * white space before it.
   */
  specialTokens?: readonly string[]
  /** The most tokens the model will take; kept in the tokenizer's files. Default: none. */
  modelMaxLength?: number
  /** Called now and then. */
  onProgress?: (progress: TrainProgress) => void
}

/**
 * Trains Unigram on texts (lines, paragraphs, whole documents: only their words count), SentencePiece's method in
 * ALBERT's dress: the tokenizer normalises, cuts and numbers as ALBERT's does. The same texts in the same order give the
 * same tokenizer. Source: Kudo 2018, "Subword Regularization".
 * Throws `TokenizerError` `option-invalid` for bad options, if there is no text, or if `vocabSize` is too small for the
 * text's different characters.
 *
 * @example
 * import { readFile, writeFile } from 'node:fs/promises'
 * const lines = (await readFile('sample/stories.txt', 'utf8')).split('\n')
 * const tokenizer = await trainUnigram(lines, { vocabSize: 2000 })
 * for (const [name, text] of Object.entries(tokenizer.toFiles())) await writeFile(`models/mine/${name}`, text)
 */
export async function trainUnigram(
  texts: Iterable<string> | AsyncIterable<string>,
  options: TrainUnigramOptions,
): Promise<Tokenizer> {
  const {
    vocabSize,
    lowercase = true,
    stripAccents = true,
    specialTokens = ['<pad>', '<unk>', '[CLS]', '[SEP]', '[MASK]'],
    modelMaxLength,
    onProgress = () => {},
  } = options
  const { characterCoverage = 0.99995, maxPieceLength = 16 } = options
  const { seedSize = 1_000_000, shrinkingFactor = 0.75, subIterations = 2 } = options
  checkTrainingOptions(vocabSize, specialTokens, '<unk>')
  const settings = { characterCoverage, maxPieceLength, seedSize, shrinkingFactor, subIterations }
  checkSettings(settings)
  const specials = [...new Set(specialTokens)]
  const normalizer = albertNormalizer(lowercase, stripAccents)
  const metaspace = new Metaspace()
  const preTokenizer = new PreTokenizerSequence([whitespaceSplit, metaspace])
  const breathe = breather()

  const words = await countWords(texts, normalizer, preTokenizer, breathe, onProgress)
  const size = vocabSize - specials.length
  const training = new UnigramTraining(words, { ...settings, size, exclude: new Set(specials) })
  const run = training.run()
  let step = run.next()
  while (step.done !== true) {
    if (await breathe()) onProgress({ phase: 'prune', ...training.progress })
    step = run.next()
  }
  onProgress({ phase: 'prune', ...training.progress })

  const vocabulary = [...specials.map((token): [string, number] => [token, 0]), ...step.value]
  const find = specialTokenFinder(specials, (token) => specials.indexOf(token))
  const cls = find('[CLS]')
  const sep = find('[SEP]')
  return new Tokenizer({
    normalizer,
    preTokenizer,
    model: new Unigram(vocabulary, { unkId: specials.indexOf('<unk>') }),
    template: cls && sep ? bertTemplate([cls.token, cls.id], [sep.token, sep.id]) : BARE_TEMPLATE,
    decoder: metaspace,
    addedTokens: specials.map((token, id) => ({ ...specialToken(token, id), lstrip: token === '[MASK]' })),
    specialTokens: { cls, sep, pad: find('<pad>'), unk: find('<unk>'), mask: find('[MASK]') },
    modelMaxLength,
  })
}

const literal = (text: string): Pattern => patternFromJson('the normalizer', { String: text })

/** ALBERT's normalisation, but for the table inside its spiece.model. */
function albertNormalizer(lowercase: boolean, accentsOff: boolean): StepNormalizer {
  const steps: NormalizerStep[] = [replace(literal('``'), '"'), replace(literal("''"), '"')]
  if (accentsOff) steps.push(normalForm('NFKD'), stripAccents)
  if (lowercase) steps.push(lowercaseStep)
  return new StepNormalizer(steps, true)
}

/** What of the options is the training's own. */
type Settings = Required<
  Pick<TrainUnigramOptions, 'characterCoverage' | 'maxPieceLength' | 'seedSize' | 'shrinkingFactor' | 'subIterations'>
>

function checkSettings(settings: Settings): void {
  const { characterCoverage, maxPieceLength, seedSize, shrinkingFactor, subIterations } = settings
  if (!(characterCoverage > 0 && characterCoverage <= 1)) {
    invalid(`characterCoverage must be above 0 and at most 1, not ${characterCoverage}`)
  }
  if (!(shrinkingFactor > 0 && shrinkingFactor < 1)) {
    invalid(`shrinkingFactor must be between 0 and 1, not ${shrinkingFactor}`)
  }
  for (const [name, value] of Object.entries({ maxPieceLength, seedSize, subIterations })) {
    if (!Number.isInteger(value) || value < 1) invalid(`${name} must be a whole number above 0, not ${value}`)
  }
  if (maxPieceLength > 255) invalid(`maxPieceLength must be at most 255, not ${maxPieceLength}`)
}
