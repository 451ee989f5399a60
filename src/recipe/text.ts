// The texts as a recipe reads them.

import { type Corpus, countTokens, splitSentences } from '../data/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import { maskingOf, type Recipe, type RecipeChoices, type RecipeName } from './recipes.js'

/**
 * A line for each sentence, where the recipe wants that and the texts do not have it.
 *
 * @example
 * const corpus = memoryCorpus([['Tom has a dog. It barks.'], ['It is night.']])
 * recipeText(corpus, { wantsSentences: true }, {}) // of three lines
 */
export const recipeText = (
  corpus: Corpus,
  { wantsSentences }: Pick<Recipe, 'wantsSentences'>,
  { sentenceLines = false }: RecipeChoices,
): Corpus => (wantsSentences && !sentenceLines ? splitSentences(corpus) : corpus)

/** As many bytes hold about a million words. */
const COUNTED_BYTES = 6e6

/**
 * The option `tokenCounts` of a recipe that masks spans, counted in so many documents that they have about a million
 * words; nothing for another. The same texts and tokenizer give the same counts.
 *
 * @example
 * const [corpus, tokenizer] = [memoryCorpus([['Tom has a dog.']]), await loadTokenizer('models/bert')]
 * const { tokenCounts } = await countedTokens('spanbert', {}, corpus, tokenizer)
 */
export async function countedTokens(
  recipe: RecipeName,
  choices: RecipeChoices,
  corpus: Corpus,
  tokenizer: Tokenizer,
): Promise<{ readonly tokenCounts?: Float64Array }> {
  if (maskingOf(recipe, choices) !== 'span') return {}
  const every = Math.max(1, Math.floor((corpus.byteLength ?? 0) / COUNTED_BYTES))
  const { vocabSize } = tokenizer
  return { tokenCounts: await countTokens(corpus, (line) => tokenizer.encodeIds(line), { vocabSize, every }) }
}
