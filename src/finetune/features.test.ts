// From examples to tokens and labels: mapped back to the text, or worked out by hand.

import { describe, expect, it } from 'vitest'
import { createConfig } from '../checkpoint/index.js'
import { tinyTokenizer, VOCABULARY } from '../pipeline/testing/tinyCheckpoint.js'
import { Tokenizer } from '../tokenizer/index.js'
import { choiceFeatures, questionFeatures, textFeatures, tokenFeatures } from './index.js'

const tokenizer = tinyTokenizer()
const config = (id2label: readonly string[]) =>
  createConfig({ modelType: 'bert', vocabSize: VOCABULARY.length, id2label })
const idsOf = (tokens: string): number[] => tokens.split(' ').map((token) => tokenizer.tokenToId(token)!)

/** What is told while `work` is done. */
function told<T>(work: (onWarning: (message: string) => void) => T): [T, string[]] {
  const messages: string[] = []
  return [work((message) => messages.push(message)), messages]
}

describe('texts', () => {
  const labels = ['bad', 'good', 'odd']

  it('become ids and the numbers of their labels, by name in any case or by number', () => {
    const examples = ['good', 'BAD', '2'].map((label) => ({ text: 'the cat sat', label }))
    const features = textFeatures(examples, { tokenizer, config: config(labels), maxLength: 16 })
    expect(Array.from(features[0]!.ids)).toEqual(idsOf('[CLS] the cat sat [SEP]'))
    expect(features.map(({ label }) => label)).toEqual([1, 0, 2])
  })

  it('are pairs with two segments, of which the longer is cut, and that is said', () => {
    const example = { text: 'the cat', textPair: 'a big dog sat on the mat', label: 'good' }
    const [[feature], messages] = told((onWarning) =>
      textFeatures([example], { tokenizer, config: config(labels), maxLength: 8, onWarning }),
    )
    expect(Array.from(feature!.ids)).toEqual(idsOf('[CLS] the cat [SEP] a big dog [SEP]'))
    expect(Array.from(feature!.typeIds!)).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
    expect(messages).toEqual(['1 of 1 text had more than 8 tokens and were cut'])
  })

  it('may have several labels, or a number', () => {
    const several = { ...config(labels), problemType: 'multi_label_classification' } as const
    const [feature] = textFeatures([{ text: 'a', label: ['odd', 'bad'] }], {
      tokenizer,
      config: several,
      maxLength: 16,
    })
    expect(feature!.label).toEqual([2, 0])
    const number = { ...config(['LABEL_0']), problemType: 'regression' } as const
    expect(textFeatures([{ text: 'a', label: 3.5 }], { tokenizer, config: number, maxLength: 16 })[0]!.label).toBe(3.5)
  })

  it('with a label that the model does not have are refused, with the place', () => {
    const example = { text: 'a', label: 'fair', place: { file: 'dev.csv', line: 7 } }
    expect(() => textFeatures([example], { tokenizer, config: config(labels), maxLength: 16 })).toThrow(
      /^dev\.csv:7: the model does not know the label "fair"; it has bad, good, odd\./,
    )
  })
})

describe('words', () => {
  const labels = ['O', 'B-X', 'I-X']
  const features = (words: string[], tags: string[], maxLength = 16, using = tokenizer) =>
    told((onWarning) =>
      tokenFeatures([{ words, labels: tags }], { tokenizer: using, config: config(labels), maxLength, onWarning }),
    )

  it('have their label at the first piece; all else has none', () => {
    // [CLS] walk ##ed the dog ##s . ! [SEP], with ".!" as one word of two tokens
    const [[feature]] = features(['walked', 'the', 'dogs', '.!'], ['B-X', 'O', 'I-X', 'B-X'])
    expect(Array.from(feature!.ids)).toEqual(idsOf('[CLS] walk ##ed the dog ##s . ! [SEP]'))
    expect(Array.from(feature!.labels)).toEqual([-100, 1, -100, 0, 2, -100, 1, -100, -100])
  })

  it('without a token are passed over, and do not move the others', () => {
    const [[feature]] = features(['\u200d', 'cat', '\u0301', 'dog'], ['B-X', 'I-X', 'B-X', 'O'])
    expect(Array.from(feature!.ids)).toEqual(idsOf('[CLS] cat dog [SEP]'))
    expect(Array.from(feature!.labels)).toEqual([-100, 2, 0, -100])
  })

  it('with accents, emoji and spaces in them', () => {
    const [[feature]] = features(['Càt', '😂', 'big dog', 'Pa\u0301ris'], ['B-X', 'O', 'I-X', 'B-X'])
    expect(Array.from(feature!.ids)).toEqual(idsOf('[CLS] cat [UNK] big dog paris [SEP]'))
    expect(Array.from(feature!.labels)).toEqual([-100, 1, 0, 2, -100, 1, -100])
  })

  it('of a sentence that is too long are all there, in stretches that begin with words', () => {
    const words = ['walking', 'dogs', 'sat', 'walked', 'the', 'cat']
    const tags = ['B-X', 'I-X', 'O', 'B-X', 'O', 'I-X']
    const [stretches, messages] = features(words, tags, 6)
    expect(stretches.map(({ ids }) => Array.from(ids))).toEqual([
      idsOf('[CLS] walk ##ing dog ##s [SEP]'),
      idsOf('[CLS] sat walk ##ed the [SEP]'),
      idsOf('[CLS] cat [SEP]'),
    ])
    expect(stretches.flatMap(({ labels: own }) => Array.from(own).filter((label) => label >= 0))).toEqual([
      1, 2, 0, 1, 0, 2,
    ])
    expect(messages[0]).toContain('1 of 1 sentence had more than 6 tokens')
  })

  it('are found by byte-level tokens, too, whose space is in the token', () => {
    const vocabulary = [
      '<s>',
      '<pad>',
      '</s>',
      '<unk>',
      '<mask>',
      'c',
      'a',
      't',
      'Ġ',
      'd',
      'o',
      'g',
      'Ġd',
      'ca',
      'cat',
      'Ġdo',
      'Ġdog',
    ]
    const bytes = Tokenizer.fromFiles({
      'vocab.json': JSON.stringify(Object.fromEntries(vocabulary.map((token, id) => [token, id]))),
      'merges.txt': '#version: 0.2\nc a\nca t\nĠ d\nĠd o\nĠdo g\n',
      'tokenizer_config.json': '{"add_prefix_space": false}',
    })
    const [[feature]] = features(['cat', 'dogga'], ['B-X', 'I-X'], 16, bytes)
    expect(Array.from(feature!.ids, (id) => bytes.idToToken(id))).toEqual(['<s>', 'cat', 'Ġdog', 'g', 'a', '</s>'])
    expect(Array.from(feature!.labels)).toEqual([-100, 1, 2, -100, -100, -100])
  })
})

describe('questions', () => {
  const context = 'The 😂 Cát sat, on a bíg mat. A dog 😂 walked; the cat is walking!'
  const windows = (answer: string | undefined, maxLength: number, docStride?: number) => {
    const answers = answer === undefined ? [] : [{ text: answer, start: context.indexOf(answer) }]
    const example = { id: '1', question: 'is the dog big', context, answers }
    const options = { tokenizer, config: config(['a', 'b']), maxLength, ...(docStride !== undefined && { docStride }) }
    return questionFeatures([example], options)
  }
  /** The passage that a window's answer stands for: found in the windows of the tokenizer itself. */
  function answersIn(answer: string, maxLength: number, stride: number): (string | undefined)[] {
    const truncation = { maxLength, strategy: 'only_second', stride } as const
    const first = tokenizer.encode('is the dog big', { pair: context, truncation })
    const encodings = [first, ...first.overflowing]
    const found = windows(answer, maxLength, stride)
    expect(found.map(({ ids }) => Array.from(ids))).toEqual(encodings.map(({ ids }) => Array.from(ids)))
    return found.map(({ start, end }, i) => {
      if (start === 0 && end === 0) return undefined
      expect(encodings[i]!.sequenceIds[start]).toBe(1)
      return context.slice(encodings[i]!.offsets[start]![0], encodings[i]!.offsets[end]![1])
    })
  }

  it.each(['Cát', '😂', 'bíg mat', 'walked; the cat', 'walking', 'The 😂 Cát sat, on', '!'])(
    'have the answer %s exactly where it is, in every window that has all of it, and at [CLS] elsewhere',
    (answer) => {
      for (const [maxLength, stride] of [
        [64, 8],
        [16, 4],
        [13, 5],
        [12, 0],
      ] as const) {
        const found = answersIn(answer, maxLength, stride)
        for (const text of found) if (text !== undefined) expect(text).toBe(answer)
        if (maxLength === 64) expect(found).toEqual([answer])
        // What fits into the overlap is whole in some window.
        if (answer.length <= 7 && stride > 0) expect(found).toContain(answer)
      }
    },
  )

  it('are at [CLS] in windows that cut the answer', () => {
    const found = answersIn('The 😂 Cát sat, on', 12, 0)
    expect(found.length).toBeGreaterThan(2)
    expect(found).toEqual(found.map(() => undefined)) // six tokens, and five in a window
  })

  it('without an answer are at [CLS]', () => {
    expect(windows(undefined, 16, 4).every(({ start, end }) => start === 0 && end === 0)).toBe(true)
  })

  it('that leave no room for the passage are left out, which is said', () => {
    const example = { id: '1', question: 'is the dog big', context, answers: [] }
    const [features, messages] = told((onWarning) =>
      questionFeatures([example, { ...example, question: 'big' }], {
        tokenizer,
        config: config(['a', 'b']),
        maxLength: 7,
        onWarning,
      }),
    )
    expect(features.length).toBeGreaterThan(1)
    expect(messages).toEqual(['1 question left no room for a passage in 7 tokens: left out'])
  })
})

describe('choices', () => {
  const features = (example: { context?: string; question: string; choices: string[] }, maxLength = 16) => {
    const [[feature]] = told((onWarning) =>
      choiceFeatures([{ ...example, label: 1 }], { tokenizer, config: config(['a', 'b']), maxLength, onWarning }),
    )
    return feature!.choices.map(({ ids }) => Array.from(ids))
  }

  it('stand behind the question, or with it behind the context', () => {
    const choices = ['a cat', 'a dog']
    expect(features({ question: 'the mat', choices })).toEqual([
      idsOf('[CLS] the mat [SEP] a cat [SEP]'),
      idsOf('[CLS] the mat [SEP] a dog [SEP]'),
    ])
    expect(features({ context: 'paris', question: 'the mat', choices })[1]).toEqual(
      idsOf('[CLS] paris [SEP] the mat a dog [SEP]'),
    )
  })

  it('fill a blank', () => {
    expect(features({ context: 'paris', question: 'the _ sat .', choices: ['cat', '$& dog'] })[0]).toEqual(
      idsOf('[CLS] paris [SEP] the cat sat . [SEP]'),
    )
  })

  it('stay whole where the context can be cut', () => {
    const [first] = features({ context: 'a big big big big dog', question: 'the mat', choices: ['cat', 'dog'] }, 9)
    expect(first).toEqual(idsOf('[CLS] a big big [SEP] the mat cat [SEP]'))
  })
})
