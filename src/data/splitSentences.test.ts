import { describe, expect, it, test } from 'vitest'
import { memoryCorpus } from './memoryCorpus.js'
import { sentencesOf, splitSentences } from './splitSentences.js'

describe('sentences', () => {
  it.each([
    ['two', 'The cat sat. The dog ran.', ['The cat sat.', 'The dog ran.']],
    [
      'quotations',
      '"Come!" said Zoe. "Why?" he asked. (He left.) Now go.',
      ['"Come!" said Zoe.', '"Why?" he asked.', '(He left.)', 'Now go.'],
    ],
    ['titles and initials', 'Dr. Reed met J. R. Smith. They spoke.', ['Dr. Reed met J. R. Smith.', 'They spoke.']],
    [
      'abbreviations',
      'It was the U.S. Navy, e.g. Smith at 4 p.m. on Monday.',
      ['It was the U.S. Navy, e.g. Smith at 4 p.m. on Monday.'],
    ],
    ['numbers', 'It cost 3.50 in 1990. 20 came.', ['It cost 3.50 in 1990.', '20 came.']],
    ['a lower-case letter goes on', 'Wait... what? yes. No', ['Wait... what? yes.', 'No']],
    ['no full stop at the end', 'One. Two', ['One.', 'Two']],
    [
      'accents and other scripts',
      'Voilà. Été chaud. Это дом. Вот он.',
      ['Voilà.', 'Été chaud.', 'Это дом.', 'Вот он.'],
    ],
    [
      'without spaces',
      '今日は晴れ。明日は雨！「何？」と言った。',
      ['今日は晴れ。', '明日は雨！', '「何？」', 'と言った。'],
    ],
    ['marks in a row', 'What?! No... Yes!!! 好。。', ['What?!', 'No...', 'Yes!!!', '好。。']],
    ['nothing', '', []],
  ])('%s', (_, text, expected) => {
    expect(sentencesOf(text)).toEqual(expected)
  })

  it('has no other letters than the text', () => {
    const text = 'A b. C d! "E f?" G. h (I.) J. K. 1. 2 。x。 y'
    expect(sentencesOf(text).join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
  })

  it.each(['.', '. ', '。', '!"', ' ', 'J. ', '.)'])(
    'takes no longer than it should for a megabyte of "%s"',
    (unit) => {
      const started = performance.now()
      sentencesOf(unit.repeat(1_000_000 / unit.length))
      expect(performance.now() - started).toBeLessThan(20_000)
    },
  )
})

test('a corpus of sentences has the places of its corpus', async () => {
  const corpus = memoryCorpus([['One. Two.', 'Three'], ['Four. Five.']])
  const seen = []
  for await (const document of splitSentences(corpus).documents()) seen.push(document)
  expect(seen.map(({ lines }) => lines)).toEqual([
    ['One.', 'Two.', 'Three'],
    ['Four.', 'Five.'],
  ])
  const rest = []
  for await (const { lines } of splitSentences(corpus).documents(seen[0]!.position)) rest.push(lines)
  expect(rest).toEqual([['Four.', 'Five.']])
  expect(splitSentences(corpus).byteLength).toBe(corpus.byteLength)
})
