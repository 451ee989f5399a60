// Draws a pretraining run's metrics.jsonl as one SVG: the parts of the loss, and what was measured on held-out text. The
// drawing is that of report.html.
//
//   npm run build
//   node scripts/plot-metrics.mjs runs/mine/metrics.jsonl docs/pretraining/curve.svg

import { readFileSync, writeFileSync } from 'node:fs'

const [source, target] = process.argv.slice(2)
if (!source || !target) {
  console.error('usage: node scripts/plot-metrics.mjs METRICS.jsonl OUT.svg')
  process.exit(1)
}

const { drawPicture, panelsOf, parseMetrics } = await import('../dist/report/index.js').catch(() => {
  console.error('build first: npm run build')
  process.exit(1)
})
const panels = panelsOf(parseMetrics(readFileSync(source, 'utf8')))
const ofText = panels.filter(({ title }) => /^(Loss|Held-out): /.test(title))
writeFileSync(target, drawPicture(ofText, 'Losses, and what was measured on held-out text, over the steps of a run'))
