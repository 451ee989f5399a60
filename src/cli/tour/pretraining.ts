// The end of the tour: twenty seconds of pretraining, and the curve of its loss.

import pc from 'picocolors'
import { SAMPLE } from '../places.js'
import { consoleReporter } from '../pretrainCommand.js'
import { pretrain } from '../pretraining.js'
import { lossCurve } from './lossCurve.js'
import { bertkin, heading, say, tell } from './page.js'
import { trainingSettings } from './training.js'

/** @param out the run's folder */
export async function pretrainingTour(out: string, seconds: number): Promise<void> {
  heading(`Pretraining: ${seconds} seconds of a RoBERTa, from random weights`)
  say(`The text: ${pc.bold('sample/stories.txt')}, simple stories written for this.`)
  const steps = 1500
  const losses: number[] = []
  const reporter = consoleReporter(steps)
  const command = ['npm', 'start']
  const options = {
    ...trainingSettings,
    recipe: 'roberta',
    minutes: seconds / 60,
    steps,
    evaluateEvery: steps,
  } as const
  await pretrain(
    { ...options, texts: [SAMPLE], out, command },
    {
      ...reporter,
      step(report, rate) {
        if (report.applied) losses.push(report.loss)
        reporter.step(report, rate)
      },
    },
  )
  say(`\n${pc.bold('The loss, step by step (nats)')}`)
  for (const line of lossCurve(losses)) say(line)
  say(`\nThe run is in ${pc.bold(out)}, with report.html to look at. To go on with other texts, sizes and recipes:`)
  tell('npm start -- train my-texts/')
  tell(bertkin('pretrain', '--help'))
}
