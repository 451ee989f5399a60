// npm start: the tour. Each kin shows its own trick with the checkpoints that come with bertkin; `npm start -- train` goes
// from raw text to an answer.

import { Command } from 'commander'
import { numberFrom } from './options.js'
import { runCommand } from './run.js'
import { albertTour } from './tour/albert.js'
import { electraTour } from './tour/electra.js'
import { modelsIn } from './tour/models.js'
import { say } from './tour/page.js'
import { pretrainingTour } from './tour/pretraining.js'
import { robertaTour } from './tour/roberta.js'
import { spanbertTour } from './tour/spanbert.js'
import { trainingTour } from './tour/training.js'

const program = new Command('npm start --')
  .description('A tour of bertkin in a minute: what ALBERT, RoBERTa, ELECTRA and SpanBERT do differently.')
  .option('--models <dir>', 'a folder with checkpoints of the same names; default: those that come with bertkin')
  .option('--out <dir>', 'folder of the run that ends the tour', 'runs/tour')
  .option('--seconds <x>', 'how long that run trains; 0: not at all', numberFrom(0, 1e6), 20)
  .option('--debug', 'show stack traces')
  .showHelpAfterError('(add --help for usage)')
  .enablePositionalOptions()
  .action(async ({ models: folder, out, seconds }: { models?: string; out: string; seconds: number }) => {
    const models = modelsIn(folder)
    say(
      'Four kin of BERT, all pretrained and fine-tuned by bertkin itself. They are small: what they say is not always right.',
    )
    await albertTour(models)
    await robertaTour(models)
    await electraTour(models)
    await spanbertTour(models)
    if (seconds > 0) await pretrainingTour(out, seconds)
  })

program
  .command('train')
  .description('Trains a small ELECTRA on the sample stories, or on your own texts, and shows what it learnt.')
  .argument('[texts...]', 'text files, or folders of .txt files; default: the sample stories')
  .option('--out <dir>', 'the run’s folder', 'runs/tour')
  .option('--minutes <x>', 'how long to train', numberFrom(0, 1e6), 2)
  .option('--debug', 'show stack traces')
  .action((texts: string[], { out, minutes }: { out: string; minutes: number }) => trainingTour(texts, out, minutes))

await runCommand(program, process.argv)
