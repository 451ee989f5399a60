// bertkin texts: labelled data → its texts, to train a model further on.

import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { writeFileAtomically } from '../checkpoint/index.js'
import { counted } from '../counted.js'
import { taskTexts } from '../data/index.js'
import { BertkinError } from '../errors.js'
import type { FinetuningTaskName } from '../finetune/index.js'
import {
  addDataOptions,
  type DataOptions,
  LABELLED_DATA,
  problemOption,
  readExamples,
  taskArgument,
} from './labelledData.js'
import { integer } from './terminal.js'

interface TextsValues extends DataOptions {
  readonly out: string
}

const EXAMPLES = `
Example:
  bertkin texts text-classification train.jsonl --out reviews.txt
  bertkin pretrain reviews.txt --model models/electra --steps 800 --max-length 64 --out runs/reviews
  bertkin finetune text-classification --model runs/reviews --train train.jsonl --out runs/polarity`

export function addTextsCommand(program: Command): void {
  const command = program
    .command('texts')
    .summary('the texts of labelled data, to train a model further on')
    .description('Writes the texts of labelled data, each once and without its label, as a file for `pretrain`.')
    .addArgument(taskArgument())
    .argument('<files...>', LABELLED_DATA)
    .requiredOption('--out <file>', 'a new file of text; blank lines separate documents')
  addDataOptions(command)
    .addOption(problemOption())
    .addHelpText('after', EXAMPLES)
    .action(async (task: FinetuningTaskName, files: string[], values: TextsValues) => {
      const { out } = values
      if (await stat(out).catch(() => undefined)) {
        throw new BertkinError('option-invalid', `${out} is there already: remove it, or name another file`)
      }
      const { examples } = await readExamples(task, files, values)
      const documents = taskTexts(task, examples).map((lines) => lines.join('\n'))
      await writeFileAtomically(out, [Buffer.from(`${documents.join('\n\n')}\n`)])
      process.stdout.write(
        `${out}: ${counted(documents.length, 'document', integer)}, of ${counted(examples.length, 'example', integer)}\n`,
      )
    })
}
