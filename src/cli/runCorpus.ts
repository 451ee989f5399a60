// A run's texts: known again by their contents, and read on from a saved place wherever they lie now.

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type Corpus, type CorpusPosition, listTextFiles, textCorpus } from '../data/index.node.js'
import { BertkinError } from '../errors.js'

/** What texts are known by; plain JSON. */
export interface CorpusIdentity {
  readonly files: number
  readonly bytes: number
  /** Of all files' contents, one after the other, with their lengths. */
  readonly sha256: string
}

/** The texts as a corpus whose positions name files by number, so that a run can go on where they have moved to. */
export async function runCorpus(texts: readonly string[]): Promise<Corpus> {
  const paths = (await listTextFiles(texts)).map(({ path }) => path)
  const numbers = new Map(paths.map((path, i) => [path, String(i)]))
  const corpus = await textCorpus(texts)
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
    `${files} ${files === 1 ? 'file' : 'files'} of ${bytes.toLocaleString('en-US')} bytes`
  const difference =
    saved.files === now.files && saved.bytes === now.bytes
      ? 'as long as they were, but with other contents'
      : `${size(now)}, and were ${size(saved)}`
  throw new BertkinError(
    'resume-mismatch',
    `the texts are not those that the run was made with: they are ${difference}. Give the same texts, or start anew`,
  )
}
