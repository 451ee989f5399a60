// What a run needs before its model is built: texts, a tokenizer that fits them, a recipe, and text to evaluate on.

import { resolve } from 'node:path'
import {
  type Block,
  type Corpus,
  type CorpusReport,
  type HeldOutOptions,
  inspectCorpus,
  textCorpus,
} from '../data/index.node.js'
import { BertkinError } from '../errors.js'
import { loadTokenizer } from '../pipeline/index.js'
import {
  assemble,
  checkLearnable,
  countedTokens,
  evaluationBatches,
  heldOutSplit,
  linesOf,
  piecesOf,
  type Recipe,
  trainTokenizer,
} from '../recipe/index.js'
import { Tokenizer } from '../tokenizer/index.js'
import { loadingOptions } from './downloads.js'
import type { PretrainingOptions, PretrainingReporter } from './pretrainingOptions.js'
import { checkSameCorpus, identifyCorpus, runCorpus } from './runCorpus.js'
import { type RunNotes, type RunOptions, type SavedRun, tokenizerHash } from './runRecord.js'

export interface RunSetup {
  readonly corpus: Corpus
  /** How much text there is; words are counted for a new run only. */
  readonly texts: Pick<CorpusReport, 'documents' | 'words'> & { readonly files: number }
  readonly tokenizer: Tokenizer
  readonly tokenizerFiles: Readonly<Record<string, string>>
  /** How often each token occurs, if the recipe needs to know. */
  readonly tokenCounts: Float64Array | undefined
  readonly heldOut: HeldOutOptions | undefined
  readonly recipe: Recipe
  readonly evaluationBatches: readonly (readonly Block[])[]
  /** What checkpoints say of the run, but how it is doing. */
  readonly notes: Omit<RunNotes, 'progress'>
}

type Reporter = Pick<PretrainingReporter, 'phase'>

/**
 * Reads the texts and makes or takes up everything that the run is made of.
 *
 * @param saved where a run that is resumed stopped: texts and tokenizer must be those of that run
 */
export async function setUpRun(
  options: PretrainingOptions,
  saved: SavedRun | undefined,
  reporter: Reporter,
): Promise<RunSetup> {
  reporter.phase('reading the texts')
  const corpus = await runCorpus(options.texts)
  const { identity, words } = saved ? await sameTexts(options, saved) : await newTexts(options)
  const heldOut = heldOutSplit(identity.documents, options.heldOutEvery)
  if (!heldOut) {
    reporter.phase('there is one document only (blank lines separate them), so none is kept for evaluation')
    if (options.patience !== undefined) {
      throw new BertkinError('option-invalid', '--patience needs held-out text: give more than one document')
    }
  }
  const files = saved ? await sameTokenizer(options, saved) : await newTokenizer(options, corpus, words, reporter)
  // From its files in any case, so that a run that is resumed has the very same.
  const tokenizer = Tokenizer.fromFiles(files)
  const counted = await countedTokens(options.recipe, options, corpus, tokenizer)
  const assembly = assemble(corpus, tokenizer, { ...options, ...counted }, heldOut)
  if (!saved) await checkLearnable(assembly)
  const { recipe } = assembly
  const notes = {
    options: recordOf(options),
    corpus: identity,
    tokenizer: { files: Object.keys(files), sha256: saved?.notes.tokenizer.sha256 ?? tokenizerHash(files) },
  }
  const { tokenCounts } = counted
  const texts = { files: identity.files, documents: identity.documents, words }
  return {
    ...{ corpus, texts, tokenizer, tokenizerFiles: files, tokenCounts, heldOut, recipe, notes },
    evaluationBatches: await evaluationBatches(assembly, options.evaluationSequences),
  }
}

/** What a resumed run is told of itself: everything but where it is and how it was asked for. Texts are found from any folder. */
function recordOf({ out: _, resume: __, command: ___, ...options }: PretrainingOptions): RunOptions {
  return { ...options, texts: options.texts.map((text) => resolve(text)) }
}

interface Texts {
  readonly identity: RunNotes['corpus']
  readonly words: number
}

/** All of them are looked at before anything else is done. */
async function newTexts({ texts }: PretrainingOptions): Promise<Texts> {
  const { documents, words } = await inspectCorpus(await textCorpus(texts))
  return { identity: { ...(await identifyCorpus(texts)), documents }, words }
}

async function sameTexts({ texts }: PretrainingOptions, { notes }: SavedRun): Promise<Texts> {
  checkSameCorpus(notes.corpus, await identifyCorpus(texts))
  return { identity: notes.corpus, words: 0 }
}

/** The files of the tokenizer that is given, or of one that is trained. */
async function newTokenizer(
  options: PretrainingOptions,
  corpus: Corpus,
  words: number,
  reporter: Reporter,
): Promise<Readonly<Record<string, string>>> {
  const { recipe, tokenizer, vocabSize } = options
  if (tokenizer !== undefined) return (await loadTokenizer(tokenizer, loadingOptions())).toFiles()
  const pieces = piecesOf(recipe)
  reporter.phase(`learning a vocabulary of ${vocabSize} ${pieces} from ${words.toLocaleString('en-US')} words`)
  const trained = await trainTokenizer(recipe, linesOf(corpus), options)
  if (trained.vocabSize < vocabSize) reporter.phase(`the texts have no more than ${trained.vocabSize} ${pieces}`)
  return trained.toFiles()
}

/** The run's own; one that is named on resuming must be the same. */
async function sameTokenizer(
  { tokenizer }: PretrainingOptions,
  { notes, tokenizerFiles }: SavedRun,
): Promise<Readonly<Record<string, string>>> {
  if (tokenizer !== undefined && tokenizer !== notes.options.tokenizer) {
    const named = (await loadTokenizer(tokenizer, loadingOptions())).toFiles()
    if (tokenizerHash(named) !== notes.tokenizer.sha256) {
      const message = `the tokenizer of ${tokenizer} is not the one that the run was made with`
      throw new BertkinError('resume-mismatch', `${message}. Leave it out to resume, or start anew in another folder`)
    }
  }
  return tokenizerFiles
}
