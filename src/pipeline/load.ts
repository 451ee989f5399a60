// From a place to what a pipeline needs: the tokenizer in a folder, and the folder of the model that a task wants.

import { CheckpointError, type Folder, type LocationOptions, openCheckpoint, openFolder } from '../checkpoint/index.js'
import { Tokenizer, TokenizerError, type TokenizerFiles } from '../tokenizer/index.js'

/** The files that hold a vocabulary, in the order in which they are looked for, and what else such a one needs. */
const VOCABULARIES = [['tokenizer.json'], ['vocab.txt'], ['vocab.json', 'merges.txt']] as const

/** Tokenizers of kinds that cannot be read yet, known by these files. */
const FOREIGN = ['sentencepiece.bpe.model'] as const

/** A larger spiece.model is not one: the largest vocabularies take a few megabytes. */
const LARGEST_MODEL = 1 << 28

/**
 * Loads the tokenizer of a checkpoint: `tokenizer.json`, else `vocab.txt`, else `vocab.json` and `merges.txt`, else
 * `spiece.model`, with `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` where they are. The
 * folder of an ELECTRA pretraining run leads to its generator's: both of its models have the same tokenizer.
 *
 * @param location a local folder (Node), a URL, the id of a model on the Hugging Face hub, or an open folder
 * @param options how the hub is reached
 * @throws {CheckpointError} `file-missing` if there is no folder or no tokenizer in it
 * @throws {TokenizerError} `tokenizer-malformed`; `tokenizer-unsupported` for a kind of tokenizer not built here
 * @see Tokenizer.fromFiles for how the files are weighed
 *
 * @example
 * const tokenizer = await loadTokenizer('checkpoints/electra-small')
 * tokenizer.encode('Kathmandu is city of Temples and Gods.').tokens
 */
export async function loadTokenizer(location: string | Folder, options: LocationOptions = {}): Promise<Tokenizer> {
  const folder = typeof location === 'string' ? await openCheckpoint(location, options) : location
  const files = await vocabularyFiles(folder)
  if (files === undefined) {
    const inner = await innerFolder(folder, 'generator')
    if ((await inner?.open('config.json')) === undefined) throw await noTokenizer(folder)
    return loadTokenizer(inner!)
  }
  return Tokenizer.fromFiles({
    ...files,
    'tokenizer_config.json': await folder.readText('tokenizer_config.json'),
    'special_tokens_map.json': await folder.readText('special_tokens_map.json'),
    'added_tokens.json': await folder.readText('added_tokens.json'),
  })
}

/** The first of the files that hold a vocabulary, with what belongs to it; undefined if there is none. */
async function vocabularyFiles(folder: Folder): Promise<TokenizerFiles | undefined> {
  for (const [name, ...further] of VOCABULARIES) {
    const text = await folder.readText(name)
    if (text === undefined) continue
    const files: Record<string, string | undefined> = { [name]: text }
    for (const file of further) files[file] = await folder.readText(file)
    return files
  }
  const pieces = await sentencePieceModel(folder)
  return pieces && { 'spiece.model': pieces }
}

/** The bytes of spiece.model; undefined if there is none. */
async function sentencePieceModel(folder: Folder): Promise<Uint8Array | undefined> {
  const source = await folder.open('spiece.model')
  if (source === undefined) return undefined
  if (source.byteLength > LARGEST_MODEL) {
    const message = `${folder.name}/spiece.model has ${source.byteLength} bytes: it is no tokenizer; download it again`
    throw new TokenizerError('tokenizer-malformed', message)
  }
  return source.slice(0, source.byteLength)
}

async function noTokenizer(folder: Folder): Promise<Error> {
  for (const name of FOREIGN) {
    if ((await folder.open(name)) === undefined) continue
    const message = `${folder.name} has its tokenizer in ${name}, which cannot be read yet: save it with a tokenizer.json`
    return new TokenizerError('tokenizer-unsupported', message)
  }
  return new CheckpointError(
    'file-missing',
    `${folder.name} has no tokenizer: no tokenizer.json, vocab.txt, vocab.json or spiece.model`,
  )
}

/** The two models that ELECTRA's pretraining leaves in a run's folder, each in a folder of its own. */
export type RunFolder = 'generator' | 'discriminator'

/**
 * The folder of the model to load: the one given; or, if that is a pretraining run's, which holds `generator` and
 * `discriminator` but no config.json, the one of these that is asked for.
 *
 * @throws {CheckpointError} `file-missing` if neither is a checkpoint
 *
 * @example
 * const folder = await modelFolderFor('generator', 'runs/electra') // runs/electra/generator
 */
export async function modelFolderFor(
  part: RunFolder,
  location: string | Folder,
  options: LocationOptions = {},
): Promise<Folder> {
  const folder = typeof location === 'string' ? await openCheckpoint(location, options) : location
  if ((await folder.open('config.json')) !== undefined) return folder
  const inner = await innerFolder(folder, part)
  if ((await inner?.open('config.json')) !== undefined) return inner!
  const message = `${folder.name} has no config.json, and no ${part} below it has one: is it a checkpoint's folder?`
  throw new CheckpointError('file-missing', message)
}

async function innerFolder(folder: Folder, name: string): Promise<Folder | undefined> {
  const path = `${folder.name.replace(/\/+$/, '')}/${name}`
  // On a disk the inner folder is opened as such: that finds a checkpoint whose replacement was interrupted.
  const opened = folder.path && (await openFolder(path).catch(absentIsUndefined))
  if (opened) return opened
  return {
    name: path,
    open: (file) => folder.open(`${name}/${file}`),
    readText: (file) => folder.readText(`${name}/${file}`),
    ...(folder.path && { path: (file: string) => folder.path!(`${name}/${file}`) }),
  }
}

function absentIsUndefined(error: unknown): undefined {
  if (!(error instanceof CheckpointError && error.code === 'file-missing')) throw error
}
