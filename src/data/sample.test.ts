// The sample text is exactly what its generator writes. UPDATE_SAMPLE=1 rewrites it.

import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { SAMPLE, sampleText } from '../../sample/generate.js'
import { inspectCorpus } from './inspectCorpus.js'
import { documentsOfText } from './memoryCorpus.js'
import { textCorpus } from './textCorpus.node.js'

const path = (name: string): string => fileURLToPath(new URL(`../../sample/${name}`, import.meta.url))

test.each(Object.keys(SAMPLE) as (keyof typeof SAMPLE)[])('%s is what the generator writes', async (name) => {
  if (process.env.UPDATE_SAMPLE === '1') await writeFile(path(name), sampleText(name))
  expect((await readFile(path(name), 'utf8')) === sampleText(name)).toBe(true)
})

test('the held-out stories are others', () => {
  const [train, heldOut] = (['stories.txt', 'held-out.txt'] as const).map((name) =>
    documentsOfText(sampleText(name)).map((lines) => lines.join('\n')),
  ) as [string[], string[]]
  const known = new Set(train)
  expect(known.size).toBe(train.length)
  expect(heldOut.filter((story) => known.has(story))).toEqual([])
})

test('every line is a clean sentence', () => {
  for (const name of Object.keys(SAMPLE) as (keyof typeof SAMPLE)[]) {
    for (const line of documentsOfText(sampleText(name)).flat()) {
      expect(line).toMatch(/^["A-Z].*[.!?]"?$/)
      expect(line).not.toMatch(/undefined|null|NaN| {2}|[{}]| [.,]|\.\.|\b(a [aeiou]|an [^aeiou])|\b(\w+) \2\b/)
    }
  }
})

test('is as large as it should be', async () => {
  const report = await inspectCorpus(await textCorpus([path('stories.txt'), path('held-out.txt')]))
  expect(report.characters).toBeGreaterThan(800_000)
  expect(report.documents).toBe(SAMPLE['stories.txt'].stories + SAMPLE['held-out.txt'].stories)
})
