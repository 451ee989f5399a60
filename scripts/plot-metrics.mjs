// Draws a pretraining run's metrics.jsonl as SVG: the masked loss against the unigram entropy of the same tokens, and
// how well the discriminator tells replaced tokens from real ones.
//
//   node scripts/plot-metrics.mjs runs/mine/metrics.jsonl docs/pretraining/curve.svg

import { readFileSync, writeFileSync } from 'node:fs'

const [source, target] = process.argv.slice(2)
if (!source || !target) {
  console.error('usage: node scripts/plot-metrics.mjs METRICS.jsonl OUT.svg')
  process.exit(1)
}

const lines = readFileSync(source, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
const training = lines.filter((line) => line.train_mlm_loss !== undefined)
const heldOut = lines.filter((line) => line.mlm_loss !== undefined)
const lastStep = lines.at(-1).step

const WIDTH = 760
const PANEL = { left: 64, width: 660, height: 200, gap: 64, top: 40 }

/** Running means over a window: single batches are too noisy to look at. */
function smooth(points, window = 10) {
  return points.map(([x], i) => {
    const part = points.slice(Math.max(0, i - window + 1), i + 1)
    return [x, part.reduce((sum, [, y]) => sum + y, 0) / part.length]
  })
}

function panel(index, title, range, marks, curves) {
  const top = PANEL.top + index * (PANEL.height + PANEL.gap)
  const [low, high] = range
  const x = (step) => PANEL.left + (step / lastStep) * PANEL.width
  const y = (value) => top + ((high - Math.min(high, Math.max(low, value))) / (high - low)) * PANEL.height
  const grid = marks.map(
    (mark) =>
      `<line x1="${PANEL.left}" x2="${PANEL.left + PANEL.width}" y1="${y(mark)}" y2="${y(mark)}" class="grid"/>` +
      `<text x="${PANEL.left - 8}" y="${y(mark) + 4}" text-anchor="end">${mark}</text>`,
  )
  const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * lastStep))
  const axis = steps.map(
    (step) =>
      `<text x="${x(step)}" y="${top + PANEL.height + 18}" text-anchor="middle">${step.toLocaleString('en-US')}</text>`,
  )
  const paths = curves.map(({ points, colour, width = 2, dashed = false }) => {
    const path = points
      .map(([step, value], i) => `${i ? 'L' : 'M'}${x(step).toFixed(1)} ${y(value).toFixed(1)}`)
      .join('')
    return `<path d="${path}" stroke="${colour}" stroke-width="${width}"${dashed ? ' stroke-dasharray="6 4"' : ''} fill="none"/>`
  })
  const legend = curves.map(({ name, colour }, i) => {
    const at = PANEL.left + PANEL.width - 200
    const line = top + 16 + i * 18
    return `<rect x="${at}" y="${line - 8}" width="12" height="3" fill="${colour}"/><text x="${at + 18}" y="${line - 3}">${name}</text>`
  })
  return [
    `<text x="${PANEL.left}" y="${top - 12}" class="title">${title}</text>`,
    ...grid,
    ...axis,
    ...paths,
    ...legend,
  ].join('\n')
}

const pick = (rows, name) => rows.map((row) => [row.step, row[name]])
const panels = [
  panel(
    0,
    'Masked loss of the generator, nats per token, by step',
    [4, 9],
    [4, 5, 6, 7, 8, 9],
    [
      { name: 'training batches', points: smooth(pick(training, 'train_mlm_loss')), colour: '#9ab7d3', width: 1 },
      { name: 'held-out', points: pick(heldOut, 'mlm_loss'), colour: '#1f6fb2' },
      {
        name: 'unigram entropy, same tokens',
        points: pick(heldOut, 'mlm_unigram_entropy'),
        colour: '#888888',
        dashed: true,
      },
    ],
  ),
]
const hasDetection = heldOut.some((line) => line.rtd_auc !== undefined)
if (hasDetection) {
  panels.push(
    panel(
      1,
      'Discriminator on held-out text: area under the ROC curve, precision, recall',
      [0, 1],
      [0, 0.25, 0.5, 0.75, 1],
      [
        { name: 'AUC', points: pick(heldOut, 'rtd_auc'), colour: '#c2571a' },
        { name: 'precision', points: pick(heldOut, 'rtd_precision'), colour: '#d9a441' },
        { name: 'recall', points: pick(heldOut, 'rtd_recall'), colour: '#7a9a3a' },
      ],
    ),
  )
}

const height = PANEL.top + panels.length * (PANEL.height + PANEL.gap)
const style = `
  svg { background: #ffffff }
  text { font: 12px system-ui, sans-serif; fill: #333333 }
  .title { font-weight: 600; font-size: 13px }
  .grid { stroke: #e3e3e3 }`
writeFileSync(
  target,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">
<title>Masked loss, and how well replaced tokens are found, over the steps of a run</title>
<style>${style}
</style>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
${panels.join('\n')}
</svg>
`,
)
