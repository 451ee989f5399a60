// The texts of labelled data, for further pretraining.

import { expect, it } from 'vitest'
import { taskTexts } from './taskTexts.js'

it('gives every text once, in order, without its label', () => {
  const examples = ['I loved it.', 'Dull.', 'I loved it.'].map((text, i) => ({ text, label: `label ${i}` }))
  expect(taskTexts('text-classification', examples)).toEqual([['I loved it.'], ['Dull.']])
})

it('keeps a pair together, and its lines apart', () => {
  const examples = [
    { text: 'A dog\n\n  barks.\r\n', textPair: 'Is it loud?', label: 1 },
    { text: 'A dog\nbarks.', textPair: 'Is it quiet?', label: 0 },
    { text: ' \n ', label: 0 },
  ]
  expect(taskTexts('text-classification', examples)).toEqual([
    ['A dog', 'barks.', 'Is it loud?'],
    ['A dog', 'barks.', 'Is it quiet?'],
  ])
})

it('knows the texts of every task', () => {
  expect(taskTexts('token-classification', [{ words: ['Tom', 'barks', '.'], labels: ['B-PER', 'O', 'O'] }])).toEqual([
    ['Tom barks .'],
  ])
  const asked = { id: '1', question: 'Who?', context: 'Tom barks.\nHe does.', answers: [{ text: 'Tom', start: 0 }] }
  expect(taskTexts('question-answering', [asked])).toEqual([['Who?', 'Tom barks.', 'He does.']])
  const choice = { context: 'It rains.', question: 'What then?', choices: ['We go.', 'We stay.'], label: 1 }
  expect(taskTexts('multiple-choice', [choice])).toEqual([['It rains.', 'What then?', 'We go.', 'We stay.']])
  expect(taskTexts('multiple-choice', [{ question: 'Why?', choices: ['a', 'b'], label: 0 }])).toEqual([
    ['Why?', 'a', 'b'],
  ])
})
