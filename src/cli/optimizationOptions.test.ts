// What the command line and a recipe make of the trainer's options: the command line wins, and every option arrives.

import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { type OptimizationOptions, trainerOptions } from '../recipe/index.js'
import { ParameterStore } from '../train/index.js'
import { tinyElectra } from '../train/testing/tinyTraining.js'
import { addOptimizationOptions } from './optimizationOptions.js'

const { slots } = new ParameterStore(tinyElectra().define({}).parameters)
const length = { steps: 100, warmup: 10, learningRate: 0.01, weightDecay: 0.02 }

/** What `bertkin … args` would make. */
function made(args: readonly string[], recipe: OptimizationOptions = {}) {
  const command = addOptimizationOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  const own = command.parse(args, { from: 'user' }).opts<OptimizationOptions>()
  const { schedule, optimizer, maximalNorm } = trainerOptions({ ...length, ...own }, recipe)
  const { name, settings } = optimizer!(slots)
  return { schedule: schedule!, maximalNorm, name, settings: settings! }
}

it('says nothing: AdamW, linear, clipped to 1', () => {
  const { schedule, maximalNorm, name, settings } = made([])
  expect([maximalNorm, name, schedule(10), schedule(100)]).toEqual([1, 'adamw', 1, 0])
  const constants = { betas: [0.9, 0.999], epsilon: 1e-6, weightDecay: 0.02, biasCorrection: true }
  expect(settings).toMatchObject({ ...constants, epsilonBeforeCorrection: false })
  expect(settings.decays).toMatch(/^1.*0/)
  expect(settings.rateFactors).toBeUndefined()
})

it('takes every option to where it belongs', () => {
  const text =
    '--optimizer lamb --adam-betas 0.9,0.98 --adam-epsilon 1e-8 --no-bias-correction --decay-all --clip 0 ' +
    '--schedule polynomial --end-learning-rate 0.001 --power 2 --layer-decay 0.5'
  const { schedule, maximalNorm, name, settings } = made(text.split(' '))
  expect([maximalNorm, name]).toEqual([Number.POSITIVE_INFINITY, 'lamb'])
  expect(settings).toMatchObject({ betas: [0.9, 0.98], epsilon: 1e-8, biasCorrection: false })
  expect(settings.decays).toMatch(/^1+$/)
  expect(settings.rateFactors).toContain(0.25)
  expect([schedule(1), schedule(11), schedule(101)]).toEqual([0, 1, 0.1])
  expect(schedule(56)).toBeCloseTo(0.9 / 4 + 0.1, 12)
})

describe('a recipe', () => {
  const albert: OptimizationOptions = { optimizer: 'lamb', biasCorrection: false, schedule: 'albert', clip: 0.5 }

  it('has its own where nothing is said', () => {
    const { schedule, maximalNorm, name, settings } = made([], { ...albert, epsilonBeforeCorrection: true })
    expect([maximalNorm, name, settings.biasCorrection, schedule(11)]).toEqual([0.5, 'lamb', false, 0.9])
  })

  it('gives way where something is', () => {
    const { schedule, maximalNorm, name, settings } = made(['--optimizer', 'adamw', '--schedule', 'constant'], albert)
    expect([maximalNorm, name, settings.biasCorrection, schedule(99)]).toEqual([0.5, 'adamw', false, 1])
    expect(made(['--bias-correction'], albert).settings.biasCorrection).toBe(true)
  })
})

it.each([
  ['--adam-betas', '0.9'],
  ['--adam-betas', '0.9,1'],
  ['--adam-betas', '0.9,0.99,0.999'],
  ['--adam-betas', ','],
  ['--adam-epsilon', 'small'],
  ['--optimizer', 'sgd'],
  ['--schedule', 'cosine'],
  ['--layer-decay', '1.5'],
  ['--clip', '-1'],
])('refuses %s %s', (...args) => {
  expect(() => made(args)).toThrow()
})

it.each([[['--layer-decay', '0']], [['--schedule', 'polynomial', '--power', '0']], [['--power', '2']]])(
  'refuses %j, in words',
  (args) => {
    expect(() => made(args)).toThrow(expect.objectContaining({ code: 'option-invalid' }))
  },
)
