// bertkin report: a run's page, made again from what the run wrote.

import type { Command } from 'commander'
import { writeReport } from './runReport.js'

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .summary('make a run’s report.html again')
    .description(
      'Makes report.html from a run’s run.json, metrics.jsonl and samples.jsonl: curves, filled masks, parameters, configuration. A run does so itself at every evaluation.',
    )
    .argument('<run>', 'the folder of a run')
    .addHelpText('after', '\nExample:\n  bertkin report runs/mine')
    .action(async (run: string) => {
      process.stdout.write(`${await writeReport(run)}\n`)
    })
}
