// How the cost of a training step grows: time and peak memory against the length of sequences, the batch, the layers and
// the vocabulary, one at a time, as docs/growth.svg. Beside each curve is what the algorithm itself takes.
//
//   npm run bench:growth

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { writeFileAtomically } from '../dist/checkpoint/index.js'
import { drawPicture } from '../dist/report/index.js'
import { here } from './places.mjs'

const PICTURE = here('../docs/growth.svg')

/** What is varied, from the middle of which the others are not moved. */
const MIDDLE = { sequence: 128, batch: 8, layers: 4, vocabSize: 8000 }
const AXES = {
  sequence: [16, 32, 64, 128, 256, 384, 512],
  batch: [1, 2, 4, 8, 16, 32, 64],
  layers: [1, 2, 4, 6, 8, 12],
  vocabSize: [1000, 4000, 8000, 16_000, 32_000, 64_000],
}
const TITLES = {
  sequence: 'tokens in a sequence',
  batch: 'sequences in a batch',
  layers: 'layers',
  vocabSize: 'word pieces in the vocabulary',
}

/** Each point in a process of its own: peaks of memory do not go down again. */
async function measure(shape) {
  const { stdout } = await promisify(execFile)(process.execPath, [here('growthPoint.mjs'), JSON.stringify(shape)])
  return JSON.parse(stdout)
}

/** Values that grow as others do, scaled to meet the last one measured. */
const scaledTo = (values, measured) => values.map((value) => (value * measured.at(-1)) / values.at(-1))

const panels = []
for (const [name, places] of Object.entries(AXES)) {
  const points = []
  for (const place of places) {
    const point = await measure({ ...MIDDLE, [name]: place })
    points.push(point)
    const { seconds, megabytes, operations, numbers } = point
    const told = `${(1000 * seconds).toFixed(1)} ms, ${(operations / seconds / 1e9).toFixed(0)} GFLOP/s, ${megabytes.toFixed(0)} MB`
    console.log(`${name} ${place}: ${told} for ${(numbers / 1e6).toFixed(1)} million numbers`)
  }
  const curve = (called, values, dashed = false) => ({
    name: called,
    dashed,
    points: places.map((x, i) => [x, values[i]]),
  })
  const of = (key) => points.map((point) => point[key])
  const milliseconds = of('seconds').map((seconds) => 1000 * seconds)
  const [time, memory] = [scaledTo(of('operations'), milliseconds), scaledTo(of('numbers'), of('megabytes'))]
  panels.push(
    {
      title: `Milliseconds of a step, by ${TITLES[name]}`,
      curves: [curve('measured', milliseconds), curve('as its multiplications', time, true)],
    },
    {
      title: `Megabytes at most, by ${TITLES[name]}`,
      curves: [curve('measured', of('megabytes')), curve('as its numbers', memory, true)],
    },
  )
}
await writeFileAtomically(PICTURE, [Buffer.from(drawPicture(panels, 'How the cost of a training step grows'))])
console.log(`wrote ${PICTURE}`)
