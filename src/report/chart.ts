// Curves as SVG: one panel a diagram, or several in one picture. Colours come from classes, so that a page can have others
// in the dark.

import { escapeMarkup } from './markup.js'
import type { Point } from './metrics.js'
import type { Curve, Panel } from './panels.js'
import { shortNumber, ticks } from './scale.js'

/** A panel's size and where its axes lie, in SVG's units. */
export const FRAME = { width: 560, height: 260, left: 56, right: 14, top: 58, bottom: 28 } as const

/** Around and between panels of one picture. */
const GAP = 16

/** Curves are drawn through at most so many points. */
const MOST_POINTS = 400
/** A running mean is over this share of a curve. */
const SMOOTHING = 0.04

const COLOURS = ['#1f6fb2', '#c2571a', '#4f8a2c', '#8b5fbf', '#b03a5b', '#2a8f8f'] as const
const DARK_COLOURS = ['#6db3ee', '#f0965a', '#93c96a', '#bd9cec', '#ec7f9d', '#68cccc'] as const

const rules = (colours: readonly string[]): string =>
  colours.map((colour, i) => `.c${i}{stroke:${colour};fill:${colour}}`).join('')

/** The style of charts: colours by class, on light ground and, where `dark` asks for it, on dark. */
export const chartStyle = `.chart text{font:12px system-ui,sans-serif;fill:#444;stroke:none}.chart .title{font-weight:600;font-size:13px;fill:#111}
.chart .grid{stroke:#e4e4e4}${rules(COLOURS)}.chart path{fill:none;stroke-width:2;stroke-linejoin:round}
.chart .faint{opacity:.28;stroke-width:1}.chart .dashed{stroke-dasharray:6 4;stroke-width:1.5}`
export const darkChartStyle = `.chart text{fill:#aaa}.chart .title{fill:#eee}.chart .grid{stroke:#333}${rules(DARK_COLOURS)}`

/** A panel's axes, for whoever wants to find values in it. */
export interface Axes {
  readonly steps: readonly [low: number, high: number]
  readonly values: readonly [low: number, high: number]
}

/** A drawn panel: an `svg` element to put into a page, its axes, and its curves as they were drawn. */
export interface DrawnPanel extends Axes {
  readonly svg: string
  readonly curves: readonly { readonly name: string; readonly points: readonly Point[] }[]
}

/**
 * Draws a panel.
 *
 * @example
 * const { svg } = drawPanel({ title: 'Loss', curves: [{ name: 'held-out', points: [[0, 9.2], [100, 5.1]] }] })
 */
export function drawPanel(panel: Panel): DrawnPanel {
  const { body, ...drawn } = drawBody(panel)
  const { width, height } = FRAME
  const label = `aria-label="${escapeMarkup(panel.title)}"`
  return { ...drawn, svg: `<svg class="chart" role="img" ${label} viewBox="0 0 ${width} ${height}">${body}</svg>` }
}

/**
 * Draws panels one below the other, as a picture that stands alone.
 *
 * @param description what screen readers say
 *
 * @example
 * const panels = panelsOf(parseMetrics('{"step": 1, "mlm_loss": 5.2}\n{"step": 10, "mlm_loss": 5.1}'))
 * const svg = drawPicture(panels, 'Masked loss over the steps of a run')
 */
export function drawPicture(panels: readonly Panel[], description: string): string {
  const { width, height } = FRAME
  const drawn = panels.map(
    (panel, i) => `<g transform="translate(0 ${i * (height + GAP)})">${drawBody(panel).body}</g>`,
  )
  const [wide, high] = [width + 2 * GAP, (height + GAP) * panels.length + GAP]
  const frame = `x="${-GAP}" y="${-GAP}" width="${wide}" height="${high}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="${-GAP} ${-GAP} ${wide} ${high}" width="${wide}" height="${high}">`,
    `<title>${escapeMarkup(description)}</title>`,
    `<style>${chartStyle}</style>`,
    `<rect ${frame} fill="#fff"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

function drawBody({ title, curves }: Panel): Omit<DrawnPanel, 'svg'> & { body: string } {
  const shown = curves
    .filter(({ points }) => points.length > 0)
    .map((curve) => ({ ...curve, raw: thinned(curve.points), line: lineOf(curve) }))
  const { left, right, top, bottom, width, height } = FRAME
  const values = axis(
    shown.flatMap(({ line }) => line.map(([, value]) => value)),
    4,
  )
  const lastStep = Math.max(1, ...shown.map(({ points }) => points.at(-1)?.[0] ?? 0))
  const steps = ticks(0, lastStep, 5).filter((step) => Number.isInteger(step) && step <= lastStep)
  const [low, high] = [values[0]!, values.at(-1)!]
  const x = (step: number): number => left + (step / lastStep) * (width - left - right)
  const y = (value: number): number => {
    const share = (Math.min(high, Math.max(low, value)) - low) / (high - low)
    return height - bottom - share * (height - top - bottom)
  }
  const path = (points: readonly Point[]): string =>
    points.map(([step, value], i) => `${i ? 'L' : 'M'}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join('')
  const parts = [`<text class="title" x="${left}" y="16">${escapeMarkup(title)}</text>`, legend(shown)]
  for (const value of values) {
    const at = y(value).toFixed(1)
    parts.push(`<line class="grid" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"/>`)
    parts.push(`<text x="${left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${shortNumber(value)}</text>`)
  }
  for (const step of steps) {
    const anchor = x(step) > width - right - 20 ? 'end' : 'middle'
    parts.push(`<text x="${x(step).toFixed(1)}" y="${height - 8}" text-anchor="${anchor}">${shortNumber(step)}</text>`)
  }
  shown.forEach(({ raw, line, noisy, dashed }, i) => {
    const colour = `c${i % COLOURS.length}`
    if (noisy && line.length > 1) parts.push(`<path class="${colour} faint" d="${path(raw)}"/>`)
    if (line.length > 1) parts.push(`<path class="${colour}${dashed ? ' dashed' : ''}" d="${path(line)}"/>`)
    else for (const [step, value] of line) parts.push(dot(colour, x(step), y(value)))
  })
  return {
    body: parts.join(''),
    steps: [0, lastStep],
    values: [low, high],
    curves: shown.map(({ name, line }) => ({ name, points: line })),
  }
}

const dot = (colour: string, x: number, y: number): string =>
  `<circle class="${colour}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3"/>`

/** Names with their last values, from left to right, in two lines if need be. */
function legend(curves: readonly (Curve & { readonly line: readonly Point[] })[]): string {
  let [at, row]: [number, number] = [FRAME.left, 32]
  return curves
    .map(({ name, line, dashed }, i) => {
      const text = `${name} ${shortNumber(line.at(-1)![1])}`
      const wide = 18 + 6.1 * text.length
      if (at > FRAME.left && at + wide > FRAME.width) [at, row] = [FRAME.left, row + 15]
      const mark = `<path class="c${i % COLOURS.length}${dashed ? ' dashed' : ''}" d="M${at.toFixed(0)} ${row - 4}h14"/>`
      const label = `<text x="${(at + 18).toFixed(0)}" y="${row}">${escapeMarkup(text)}</text>`
      at += wide + 14
      return mark + label
    })
    .join('')
}

/** Round numbers around all of the values. */
function axis(values: readonly number[], count: number): number[] {
  const finite = values.filter(Number.isFinite)
  const low = finite.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const high = finite.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  if (finite.length === 0) return [0, 1]
  if (high > low) return ticks(low, high, count)
  const room = Math.abs(high) / 2 || 1
  return ticks(low - room, high + room, count)
}

/** What is drawn boldly: the points, of noisy curves their running mean. */
function lineOf({ points, noisy }: Curve): readonly Point[] {
  return thinned(noisy ? smoothed(points, Math.max(1, Math.round(points.length * SMOOTHING))) : points)
}

/** The mean of the last `window` values, at every point. */
function smoothed(points: readonly Point[], window: number): Point[] {
  let sum = 0
  return points.map(([step, value], i) => {
    sum += value
    if (i >= window) sum -= points[i - window]![1]
    return [step, sum / Math.min(i + 1, window)]
  })
}

/** Means of neighbours, where there are more points than can be seen. The first and the last stay what they are. */
function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= MOST_POINTS) return points
  const size = Math.ceil((points.length - 2) / (MOST_POINTS - 2))
  const inner: Point[] = []
  for (let start = 1; start < points.length - 1; start += size) {
    const part = points.slice(start, Math.min(start + size, points.length - 1))
    const mean = (side: 0 | 1): number => part.reduce((sum, point) => sum + point[side], 0) / part.length
    inner.push([Math.round(mean(0)), mean(1)])
  }
  return [points[0]!, ...inner, points.at(-1)!]
}
