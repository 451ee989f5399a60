// How the command line says how a run is optimized.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { OPTIMIZERS } from '../recipe/index.js'
import { schedules } from '../train/index.js'
import { numberFrom } from './options.js'

/** Adds the options to a command. None has a default here, so that a recipe can have its own. */
export function addOptimizationOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--schedule <name>', 'the learning rate over time; default: linear').choices(Object.keys(schedules)),
    )
    .option('--end-learning-rate <x>', 'where the schedule "polynomial" ends; default: 0', numberFrom(0))
    .option('--power <x>', 'of the schedules "polynomial" and "electra"; default: 1', numberFrom(0))
    .addOption(new Option('--optimizer <name>', 'default: adamw').choices(OPTIMIZERS))
    .option('--adam-betas <b1,b2>', 'decay of the means of gradients and squares; default: 0.9,0.999', twoBetas)
    .option('--adam-epsilon <x>', 'added to the root of the mean square; default: 1e-6', numberFrom(0))
    .option('--bias-correction', 'correct the means for having started at 0; default, but not for albert')
    .option('--no-bias-correction', 'do not')
    .option('--decay-all', 'biases and normalizations decay, too, as in fairseq')
    .option('--clip <x>', 'scale gradients down to this global norm; 0: never; default: 1', numberFrom(0))
    .option(
      '--layer-decay <x>',
      'each layer learns so many times as fast as the one above; default: 1',
      numberFrom(0, 1),
    )
}

function twoBetas(text: string): readonly [number, number] {
  const [first = Number.NaN, second = Number.NaN, ...more] = text
    .split(',')
    .map((part) => Number(part.trim() || 'none'))
  if (more.length === 0 && [first, second].every((beta) => beta >= 0 && beta < 1)) return [first, second]
  throw new InvalidArgumentError('It must be two numbers from 0 up to below 1, as in 0.9,0.98.')
}
