// A run's texts: several files side by side, known by their numbers wherever they lie.

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { CorpusDocument, CorpusPosition } from '../data/index.js'
import { runCorpus } from './runCorpus.js'

const root = mkdtempSync(join(tmpdir(), 'bertkin-texts-'))
afterAll(() => rmSync(root, { recursive: true }))

const FILES = 40
mkdirSync(join(root, 'here'))
for (let i = 0; i < FILES; i++) {
  const name = `${String.fromCharCode(97 + (i % 26))}${i}`
  // One of them is as long as all the others.
  const documents = Array.from({ length: i === 7 ? 39 * 5 : 5 }, (_, k) => `${name} ${k} ${'word '.repeat(20)}\n\n`)
  writeFileSync(join(root, 'here', `${name}.txt`), documents.join(''))
}

async function documentsOf(folder: string, from?: CorpusPosition): Promise<CorpusDocument[]> {
  const documents: CorpusDocument[] = []
  for await (const document of (await runCorpus([join(root, folder)])).documents(from)) documents.push(document)
  return documents
}
const fileOf = ({ lines }: CorpusDocument): string => lines[0]!.split(' ')[0]!

it('mixes what lies far apart, and gives all of it', async () => {
  const documents = await documentsOf('here')
  expect(documents).toHaveLength(2 * 39 * 5)
  expect(new Set(documents.map(({ lines }) => lines[0])).size).toBe(documents.length)
  for (const quarter of [0, 1, 2, 3].map((k) =>
    documents.slice((k * documents.length) / 4, ((k + 1) * documents.length) / 4),
  )) {
    const ofLong = quarter.filter((document) => fileOf(document) === 'h7').length
    expect(Math.abs(ofLong / quarter.length - 0.5)).toBeLessThan(0.1)
    expect(new Set(quarter.map(fileOf)).size).toBeGreaterThan(8)
  }
})

it('goes on where it was, though the texts have moved', async () => {
  const documents = await documentsOf('here')
  cpSync(join(root, 'here'), join(root, 'there'), { recursive: true })
  for (const i of [0, 1, 100, 388, 389]) {
    const position = JSON.parse(JSON.stringify(documents[i]!.position)) as CorpusPosition
    expect(position.parts!.length).toBeLessThanOrEqual(16)
    expect(JSON.stringify(position)).not.toContain(root)
    expect(await documentsOf('there', position)).toEqual(documents.slice(i + 1))
  }
})
