// Trains a BERT tokenizer on one's own text.
import { specialToken } from './addedTokens.js'
import { BertNormalizer } from './bertNormalizer.js'
import { BertPreTokenizer } from './bertPreTokenizer.js'
import { MergeTraining } from './mergeTraining.js'
import { BARE_TEMPLATE, bertTemplate } from './template.js'
import { Tokenizer } from './tokenizer.js'
import {
  breather,
  checkTrainingOptions,
  countWords,
  invalid,
  mergedVocabulary,
  specialTokenFinder,
  type TrainProgress,
} from './training.js'
import { WordPiece } from './wordPiece.js'
import { WordPieceDecoder } from './wordPieceDecoder.js'

/** Options of {@link trainWordPiece}. */
export interface TrainWordPieceOptions {
  /** How many ids, special tokens and characters included; fewer if the text has no more pairs to merge. */
  vocabSize: number
  /** A pair of tokens seen less often than this is not merged. Default 2. */
  minFrequency?: number
  /** Lower-case the text and drop its accents, in training and ever after. Default true. */
  lowercase?: boolean
  /** Keep at most so many different characters, the most frequent. Default 1000. */
  limitAlphabet?: number
  /** Get the first ids, in this order; `[UNK]` must be among them. Default `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]`, `[MASK]`. */
  specialTokens?: readonly string[]
  /** What marks a token that continues a word. Default `##`. */
  continuingSubwordPrefix?: string
  /** The most tokens the model will take; kept in the tokenizer's files. Default: none. */
  modelMaxLength?: number
  /** Called now and then. */
  onProgress?: (progress: TrainProgress) => void
}

/**
 * Trains WordPiece on texts (lines, paragraphs, whole documents: only their words count), with the method and the
 * defaults of the reference library's BertWordPieceTokenizer. The same texts in the same order give the same tokenizer.
 * Throws `TokenizerError` `option-invalid` for bad options or if there is no text.
 *
 * @example
 * import { readFile, writeFile } from 'node:fs/promises'
 * const lines = (await readFile('sample/stories.txt', 'utf8')).split('\n')
 * const tokenizer = await trainWordPiece(lines, { vocabSize: 2000 })
 * for (const [name, text] of Object.entries(tokenizer.toFiles())) await writeFile(`models/mine/${name}`, text)
 */
export async function trainWordPiece(
  texts: Iterable<string> | AsyncIterable<string>,
  options: TrainWordPieceOptions,
): Promise<Tokenizer> {
  const {
    vocabSize,
    minFrequency = 2,
    lowercase = true,
    limitAlphabet = 1000,
    specialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'],
    continuingSubwordPrefix = '##',
    modelMaxLength,
    onProgress = () => {},
  } = options
  checkOptions(vocabSize, minFrequency, limitAlphabet, specialTokens)
  const normalizer = new BertNormalizer({ cleanText: true, handleChineseChars: true, stripAccents: null, lowercase })
  const preTokenizer = new BertPreTokenizer()
  const breathe = breather()

  const words = await countWords(texts, normalizer, preTokenizer, breathe, onProgress)
  const training = new MergeTraining(words, {
    vocabSize,
    minFrequency,
    limitAlphabet,
    specialTokens,
    continuingSubwordPrefix,
  })
  const vocabulary = await mergedVocabulary(training, vocabSize, breathe, onProgress)
  const find = specialTokenFinder(specialTokens, (token) => vocabulary.idOf(token))
  const cls = find('[CLS]')
  const sep = find('[SEP]')
  return new Tokenizer({
    normalizer,
    preTokenizer,
    model: new WordPiece(vocabulary, { continuingSubwordPrefix }),
    template: cls && sep ? bertTemplate([cls.token, cls.id], [sep.token, sep.id]) : BARE_TEMPLATE,
    decoder: new WordPieceDecoder(continuingSubwordPrefix),
    addedTokens: [...new Set(specialTokens)].map((token, id) => specialToken(token, id)),
    specialTokens: { cls, sep, pad: find('[PAD]'), unk: find('[UNK]'), mask: find('[MASK]') },
    modelMaxLength,
  })
}

function checkOptions(
  vocabSize: number,
  minFrequency: number,
  limitAlphabet: number,
  specialTokens: readonly string[],
): void {
  checkTrainingOptions(vocabSize, specialTokens, '[UNK]')
  if (!(minFrequency >= 0)) invalid(`minFrequency must be 0 or more, not ${minFrequency}`)
  if (!Number.isInteger(limitAlphabet) || limitAlphabet < 1) {
    invalid(`limitAlphabet must be a whole number above 0, not ${limitAlphabet}`)
  }
}
