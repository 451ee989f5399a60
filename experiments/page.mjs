// An experiment's results in docs/experiments/NAME.md, between the page's own words, and its curves as a picture beside it.

import { fileURLToPath } from 'node:url'
import { writeFileAtomically } from '../dist/checkpoint/index.js'
import { drawPicture } from '../dist/report/index.js'
import { writeMeasured } from '../scripts/measuredPart.mjs'
import { markdownTable, mean, spread } from './runs.mjs'

export async function writePage(experiment, seeds) {
  const { definition, name } = experiment
  const table = tableOf(experiment, seeds)
  console.log(table)
  const at = (file) => fileURLToPath(new URL(`../docs/experiments/${file}`, import.meta.url))
  const panels = definition.curves.map((curve) => panelOf(experiment, curve, seeds))
  const isDrawn = panels.some(({ curves }) => curves.length > 0)
  const title = definition.curves.map((curve) => curve.title).join('; ')
  if (isDrawn) await writeFileAtomically(at(`${name}.svg`), [Buffer.from(drawPicture(panels, title))])
  const picture = isDrawn ? `\n\n![${title}](${name}.svg)` : ''
  await writeMeasured(at(`${name}.md`), `${table}${picture}`)
}

/** An arm a row; means over the seeds, with the distance of the farthest. */
function tableOf(experiment, seeds) {
  const { arms, measures } = experiment.definition
  const rows = arms.map((arm) => [
    arm.name,
    ...measures.map((measure) => {
      const values = experiment.values(arm, measure, seeds)
      // What is the same for all seeds has no spread.
      return new Set(values).size === 1 ? values[0].toFixed(measure.digits) : spread(values, measure.digits)
    }),
  ])
  const head = ['', ...measures.map(({ name }) => name)]
  return markdownTable(head, rows)
}

/** A curve for each arm: the mean over the seeds that have come to each place. */
function panelOf(experiment, { title, metric, x = 'step' }, seeds) {
  const curves = experiment.definition.arms.flatMap((arm) => {
    const runs = Array.from({ length: seeds }, (_, i) =>
      experiment.evaluations(arm, i + 1).filter((line) => line[metric] !== undefined),
    ).filter((run) => run.length > 0)
    if (runs.length === 0) return []
    const points = runs[0].map((line, i) => [line[x], mean(runs.flatMap((run) => run[i]?.[metric] ?? []))])
    return [{ name: arm.name, points }]
  })
  return { title, curves }
}
