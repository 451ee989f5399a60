// What the papers claim, tried out on small models: each experiment trains arms that differ in one thing, with several
// seeds, and writes its table and picture into docs/experiments/.
//
//   npm run experiment -- masking --texts my-texts/ --tasks my-tasks/
//
// What has been run is kept in runs/experiments and not run again; whenever this is stopped, the next call goes on.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { Experiment } from './experiment.mjs'
import { writePage } from './page.mjs'
import { inParallel, Results, wholeNumber } from './runs.mjs'

const NAMES = ['sharing', 'order', 'detection', 'spans', 'masking', 'batch']

const program = new Command('npm run experiment --')
  .description('Tries out what a paper claims, on small models, with several seeds.')
  .argument('<name>', `one of: ${NAMES.join(', ')}`)
  .requiredOption('--texts <paths...>', 'text files, or folders of .txt files')
  .option('--tasks <dir>', 'a folder with squad/, wnut17/, …; without it, nothing is fine-tuned')
  .option('--seeds <n>', 'how many', wholeNumber, 3)
  .option('--parallel <n>', 'runs at a time, of one thread each', wholeNumber, 2)
  .option('--out <dir>', 'where runs and results are kept', 'runs/experiments')
  .option('--page', 'only write the page anew, of the results there are')
  .action(async (name, { texts, tasks, seeds, parallel, out, page }) => {
    if (!NAMES.includes(name)) program.error(`error: unknown experiment ${name}; there are: ${NAMES.join(', ')}`)
    for (const path of [...texts, ...(tasks ? [tasks] : [])]) {
      if (!existsSync(path)) program.error(`error: ${path} is not there`)
    }
    const { default: definition } = await import(`./${name}.mjs`)
    const folder = join(out, name)
    const results = await Results.open(join(folder, 'results.jsonl'))
    const experiment = new Experiment(definition, { name, folder, texts, tasks, results })
    if (!page) {
      await experiment.prepare()
      // Seeds outermost: whenever this is stopped, what there is compares like with like.
      const jobs = Array.from({ length: seeds }, (_, i) => i + 1).flatMap((seed) =>
        definition.arms.map((arm) => ({ arm, seed })),
      )
      await inParallel(jobs, parallel, ({ arm, seed }) => experiment.run(arm, seed))
    }
    await writePage(experiment, seeds)
  })

await program.parseAsync().catch((error) => {
  console.error(`error: ${error.message}`)
  process.exit(1)
})
