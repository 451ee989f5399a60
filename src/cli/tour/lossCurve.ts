// A curve in a terminal: columns of block characters, as high as the values are.

import pc from 'picocolors'
import { ticks } from '../../report/index.js'

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const [WIDTH, HEIGHT] = [60, 8]

/**
 * The mean of each stretch of the values as a column, over an axis with the first and the last step.
 *
 * @param values one a step, from the first on; finite
 */
export function lossCurve(values: readonly number[]): string[] {
  const width = Math.min(WIDTH, values.length)
  const columns = Array.from({ length: width }, (_, column) => {
    const part = values.slice(
      Math.floor((column * values.length) / width),
      Math.floor(((column + 1) * values.length) / width),
    )
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
  const marks = ticks(Math.min(...columns), Math.max(...columns), 3)
  const [low, high] = [marks[0]!, marks.at(-1)!]
  const unit = (high - low || 1) / HEIGHT
  const labels = new Map(marks.map((mark) => [Math.round((mark - low) / unit), String(mark)]))
  const margin = Math.max(...Array.from(labels.values(), (label) => label.length))
  const rows = Array.from({ length: HEIGHT }, (_, i) => {
    const row = HEIGHT - 1 - i
    const cells = columns.map((value) => {
      const eighths = Math.round(8 * ((value - low) / unit - row))
      return EIGHTHS[Math.max(0, Math.min(8, eighths))]
    })
    return `  ${(labels.get(row + 1) ?? '').padStart(margin)} ${pc.cyan(cells.join(''))}`
  })
  const last = `step ${values.length}`
  const axis = `1${last.padStart(Math.max(last.length + 1, width - 1))}`
  return [
    ...rows,
    `  ${(labels.get(0) ?? '').padStart(margin)} ${pc.dim('─'.repeat(width))}`,
    `  ${' '.repeat(margin)} ${axis}`,
  ]
}
