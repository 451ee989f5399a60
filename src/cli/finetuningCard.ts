// What a fine-tuning leaves besides the model: run.json, report.html, and the model's card.

import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type FinetuningPlan, type FinetuningTaskName, finetuningTasks } from '../finetune/index.js'
import { className, defineModel } from '../model/index.js'
import { CARD_MARK, groupParameters, modelCard, type RunFacts } from '../report/index.js'
import { environment } from './runFacts.js'
import { readRun, upTo, writeFacts, writeReport, writeText } from './runReport.js'

export interface FinishedFinetuning {
  readonly task: FinetuningTaskName
  /** What was said on the command line, and its defaults. */
  readonly values: {
    readonly model: string
    readonly fromScratch?: boolean
    readonly threads?: number
    readonly json?: boolean
    readonly out: string
  }
  readonly plan: FinetuningPlan
  /** Whose weights are kept. */
  readonly step: number
  /** How long it took. */
  readonly seconds: number
}

/** Writes them; a README.md that somebody has written is left alone. */
export async function describeFinetuning({ task, values, plan, step, seconds }: FinishedFinetuning): Promise<void> {
  const { out, model, fromScratch = false, threads, json: _, ...others } = values
  const { config, hyperparameters, maxLength, trainExamples, devExamples } = plan
  const { head } = finetuningTasks[task]
  const facts: RunFacts = {
    title: task,
    command: ['bertkin', ...process.argv.slice(2)],
    started: new Date(Date.now() - 1000 * seconds).toISOString(),
    settings: { model, fromScratch, trainExamples, devExamples, ...others, ...hyperparameters, maxLength },
    data: { files: 0, documents: 0, words: 0, heldOutEvery: 0 },
    environment: environment(threads),
    models: [
      {
        folder: '',
        architecture: className(config, head),
        parameters: groupParameters(defineModel(config, head).scope.declarations()),
      },
    ],
  }
  await writeFacts(out, facts)
  await writeReport(out)
  const present = await readFile(join(out, 'README.md'), 'utf8').catch(() => CARD_MARK)
  if (!present.includes(CARD_MARK)) return
  const metrics = new Map(upTo((await readRun(out)).metrics, step))
  const card = modelCard({
    ...{ name: basename(resolve(out)), config, head, facts, metrics, step, runStep: plan.steps },
    ...(!fromScratch && { baseModel: model }),
  })
  await writeText(join(out, 'README.md'), card)
}
