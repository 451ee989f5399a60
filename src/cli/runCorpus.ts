// A run's texts: known again by their contents, and read on from a saved place wherever they lie now.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { counted } from '../counted.js'
import {
  type Corpus,
  type CorpusPosition,
  interleaved,
  listTextFiles,
  type TextFile,
  textCorpus,
} from '../data/index.node.js'
import { BertkinError } from '../errors.js'

/** What texts are known by; plain JSON. */
export interface CorpusIdentity {
  readonly files: number
  readonly bytes: number
  /** Of all files' contents, one after the other, with their lengths. */
  readonly sha256: string
}

/** So many stretches of the texts are read side by side, at most: each has a file open. */
const MOST_STRETCHES = 16

/**
 * The texts as a corpus: files far from each other in the list are read side by side, so that training sees all kinds of
 * text all the time. Its positions name files by number, so that a run can go on where they have moved to.
 */
export async function runCorpus(texts: readonly string[]): Promise<Corpus> {
  const files = await listTextFiles(texts)
  const paths = files.map(({ path }) => path)
  const numbers = new Map(paths.map((path, i) => [path, String(i)]))
  return interleaved(await Promise.all(stretches(files).map((stretch) => numberedCorpus(stretch, paths, numbers))))
}

/** Neighbouring files together, in stretches of about the same size. */
function stretches(files: readonly TextFile[]): string[][] {
  const longest = files.reduce((sum, { byteLength }) => sum + byteLength, 0) / MOST_STRETCHES
  const all: string[][] = []
  let left = 0
  for (const { path, byteLength } of files) {
    if (left <= 0) {
      all.push([])
      left = longest
    }
    all.at(-1)!.push(path)
    left -= byteLength
  }
  return all
}

/** The corpus of some of the files, its positions with their numbers among all. */
async function numberedCorpus(
  some: readonly string[],
  paths: readonly string[],
  numbers: ReadonlyMap<string, string>,
): Promise<Corpus> {
  const corpus = await textCorpus(some)
  const toPath = (position: CorpusPosition): CorpusPosition => ({
    ...position,
    file: paths[Number(position.file)] ?? `file ${position.file}`,
  })
  return {
    ...(corpus.byteLength !== undefined && { byteLength: corpus.byteLength }),
    async *documents(from) {
      for await (const { lines, position } of corpus.documents(from && toPath(from))) {
        yield { lines, position: { ...position, file: numbers.get(position.file) ?? position.file } }
      }
    },
  }
}

/** Reads all the texts once, about as fast as the disk. */
export async function identifyCorpus(texts: readonly string[]): Promise<CorpusIdentity> {
  const files = await listTextFiles(texts)
  const hash = createHash('sha256')
  for (const { path, byteLength } of files) {
    hash.update(`${byteLength}\n`)
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer)
    } catch (cause) {
      throw new BertkinError('text-missing', `${path} cannot be read: ${(cause as Error).message}`, { cause })
    }
  }
  const bytes = files.reduce((sum, { byteLength }) => sum + byteLength, 0)
  return { files: files.length, bytes, sha256: hash.digest('hex') }
}

/** @throws {BertkinError} `resume-mismatch` if these are not the texts that a run was made with */
export function checkSameCorpus(saved: CorpusIdentity, now: CorpusIdentity): void {
  if (saved.sha256 === now.sha256) return
  const size = ({ files, bytes }: CorpusIdentity): string =>
    `${counted(files, 'file')} of ${bytes.toLocaleString('en-US')} bytes`
  const difference =
    saved.files === now.files && saved.bytes === now.bytes
      ? 'as long as they were, but with other contents'
      : `${size(now)}, and were ${size(saved)}`
  throw new BertkinError(
    'resume-mismatch',
    `the texts are not those that the run was made with: they are ${difference}. Give the same texts, or start anew`,
  )
}
