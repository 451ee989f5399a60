// The loss as it falls.

import 'uplot/dist/uPlot.min.css'
import uPlot from 'uplot'
import { h } from '../../dom.js'
import { colour } from '../../theme.js'
import type { Point } from './session.js'

const HEIGHT = 280

export interface Curve {
  readonly element: HTMLElement
  show(points: readonly Point[]): void
  /** Draws anew, in the colours of now. */
  restyle(): void
  dispose(): void
}

export function lossCurve(): Curve {
  const element = h('div', { class: 'curve', role: 'img', 'aria-label': 'Loss: nothing yet' })
  let plot: uPlot | undefined
  let shown: readonly Point[] = []
  const width = (): number => Math.max(200, element.clientWidth)

  function make(): void {
    plot?.destroy()
    const [ink, line, train, heldOut] = [colour('soft'), colour('line'), colour('roberta'), colour('electra')]
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } }
    plot = new uPlot(
      {
        ...{ width: width(), height: HEIGHT, cursor: { drag: { x: false, y: false } } },
        scales: { x: { time: false } },
        axes: [
          { ...axis, label: 'step' },
          { ...axis, label: 'loss', size: 56 },
        ],
        series: [
          { label: 'step' },
          { label: 'loss', stroke: train, width: 1.5, spanGaps: true, points: { show: false } },
          {
            label: 'on unseen text',
            stroke: heldOut,
            width: 2,
            spanGaps: true,
            points: { show: true, size: 7, fill: heldOut },
          },
        ],
      },
      data(),
      element,
    )
    showLast()
  }
  /** In the legend, while nothing is pointed at. */
  function showLast(): void {
    if (plot?.cursor.idx == null && shown.length > 0) plot?.setLegend({ idx: shown.length - 1 })
  }
  const data = (): uPlot.AlignedData => [
    shown.map(({ step }) => step),
    shown.map(({ loss }) => loss),
    shown.map(({ heldOut }) => heldOut),
  ]
  const observer = new ResizeObserver(() => {
    plot?.setSize({ width: width(), height: HEIGHT })
    showLast()
  })
  observer.observe(element)
  return {
    element,
    show(points) {
      shown = points
      if (plot) {
        plot.setData(data())
        showLast()
      } else make()
      element.setAttribute('aria-label', inWords(points))
    },
    restyle: make,
    dispose() {
      observer.disconnect()
      plot?.destroy()
    },
  }
}

function inWords(points: readonly Point[]): string {
  const losses = points.flatMap(({ step, loss }) => (loss === null ? [] : [{ step, loss }]))
  const [first, last] = [losses[0], losses.at(-1)]
  if (!first || !last) return 'Loss: nothing yet'
  return `Loss: ${first.loss.toFixed(2)} at step ${first.step}, ${last.loss.toFixed(2)} at step ${last.step}`
}
