// What the command line can choose of a recipe.

import { type Command, Option } from 'commander'
import { MASKINGS, PAIR_TASKS, SHARINGS } from '../recipe/index.js'
import { wholeNumber } from './options.js'

/** Adds the options to a command. None has a default here, since each recipe has its own. */
export function addRecipeOptions(command: Command): Command {
  const masking = new Option(
    '--masking <name>',
    'what is masked together; default: token, albert: ngram, spanbert: span',
  )
  const pairs = new Option(
    '--sentence-pairs <task>',
    'bert, albert: what is learnt of pairs; default: bert nsp, albert sop',
  )
  return command
    .addOption(masking.choices(MASKINGS))
    .option(
      '--static-masks <n>',
      'n copies of the texts, each masked once; default: masked anew each time',
      wholeNumber(),
    )
    .addOption(pairs.choices(PAIR_TASKS))
    .option(
      '--sentence-lines',
      'the texts’ lines are sentences; default: cut into sentences where a recipe needs these',
    )
    .option('--doc-sentences', 'roberta: blocks end where documents end')
    .option('--layers <n>', 'another number than the size has', wholeNumber())
    .option('--hidden-size <n>', 'another width than the size has', wholeNumber())
    .option('--embedding-size <n>', 'albert, electra: width of the tables; default: albert 128', wholeNumber())
    .option(
      '--predicted-tokens-only',
      'electra: the discriminator learns from what was masked only, not from all tokens',
    )
    .addOption(new Option('--sharing <what>', 'albert: what layers have in common; default: all').choices(SHARINGS))
}
