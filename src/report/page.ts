// report.html: a run on one page that needs nothing but itself: styles, curves and the numbers behind them are inside, and
// nothing is loaded from anywhere. Without scripts only the values under the pointer are missing.

import { chartStyle, darkChartStyle, drawPanel, FRAME } from './chart.js'
import { escapeMarkup } from './markup.js'
import { lastStep, lastValue, type Metrics } from './metrics.js'
import { hoverScript } from './pageScript.js'
import { pageStyle } from './pageStyle.js'
import { panelsOf } from './panels.js'
import { describeValue, type RunFacts, type RunModel, shellCommand } from './run.js'
import type { MaskSample, SamplesAtStep } from './samples.js'
import { shortNumber } from './scale.js'

/** What a report is made of. */
export interface ReportContent {
  readonly facts: RunFacts
  readonly metrics: Metrics
  readonly samples: readonly SamplesAtStep[]
}

/** So many moments of a sentence are shown, the first and the last among them. */
const MOMENTS = 7

/**
 * A run's report as one HTML page: curves, filled masks over time, parameters, configuration and command.
 *
 * @example
 * const facts = parseRunFacts('{"title": "electra, mini", "command": ["bertkin", "pretrain", "text.txt"]}')
 * const metrics = parseMetrics('{"step": 10, "train_mlm_loss": 5.1}')
 * const html = reportPage({ facts, metrics, samples: [] })
 */
export function reportPage({ facts, metrics, samples }: ReportContent): string {
  const panels = panelsOf(metrics).map(drawPanel)
  const title = facts.title || 'A training run'
  const figures = panels.map(({ svg }, i) => `<figure data-panel="${i}">${svg}</figure>`)
  const numbers = panels.map(({ steps, values, curves }) => ({ steps, values, curves: curves.map(rounded) }))
  const sections = [
    section('Curves', figures.length > 0 ? `<div class="curves">${figures.join('\n')}</div>` : '<p>None yet.</p>'),
    section('Masks filled', samplesOf(samples)),
    section('Parameters', facts.models.map(parameterTable).join('\n')),
    section('Configuration', configuration(facts)),
  ]
  // The policy makes sure of it: whatever a text in here may try, nothing is requested.
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(title)} · bertkin</title>
<style>
${pageStyle}
${chartStyle}
@media (prefers-color-scheme: dark) {
${darkChartStyle}
}
</style>
</head>
<body>
<header>
<h1>${escapeMarkup(title)}</h1>
${facts.started ? `<p class="dim">started ${escapeMarkup(facts.started.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}</p>` : ''}
${headline(metrics)}
</header>
<main>
${sections.join('\n')}
</main>
<script type="application/json" id="panels">${JSON.stringify({ frame: FRAME, panels: numbers }).replaceAll('<', '\\u003c')}</script>
<script>${hoverScript}</script>
</body>
</html>
`
}

const rounded = ({ name, points }: ReturnType<typeof drawPanel>['curves'][number]) => ({
  name,
  points: points.map(([step, value]) => [step, Number(value.toPrecision(5))]),
})

const section = (title: string, content: string): string =>
  content === '' ? '' : `<section>\n<h2>${title}</h2>\n${content}\n</section>`

/** The numbers that one looks for first. */
function headline(metrics: Metrics): string {
  const shown: [string, string | undefined][] = [
    ['step', lastStep(metrics).toLocaleString('en-US')],
    ['held-out loss', optional(lastValue(metrics, 'loss'))],
    ['masked tokens right', share(lastValue(metrics, 'mlm_accuracy'))],
    ['tokens seen', optional(lastValue(metrics, 'tokens'))],
    ['tokens per second', optional(lastValue(metrics, 'tokens_per_second'))],
    ['time', span(lastValue(metrics, 'seconds'))],
  ]
  const items = shown.filter(([, value]) => value !== undefined)
  return `<dl class="headline">${items.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`
}

const optional = (value: number | undefined): string | undefined => (value === undefined ? value : shortNumber(value))
const share = (value: number | undefined): string | undefined =>
  value === undefined ? value : `${(100 * value).toFixed(1)} %`

function span(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined
  const minutes = Math.floor(seconds / 60)
  if (minutes === 0) return `${Math.round(seconds)} s`
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A card for every sentence, with what was guessed at some of the moments. */
function samplesOf(samples: readonly SamplesAtStep[]): string {
  const moments = spread(samples, MOMENTS)
  const sentences = moments.at(-1)?.samples ?? []
  const cards = sentences.map((sentence, i) => {
    const rows = moments.flatMap(({ step, samples: all }) => (all[i] ? [momentRow(step, all[i])] : []))
    const text = `${escapeMarkup(sentence.before)}<mark>${escapeMarkup(sentence.meant)}</mark>${escapeMarkup(sentence.after)}`
    const head = '<tr><th class="number">step</th><th>guesses</th><th class="number">the word</th></tr>'
    return `<article><p>${text}</p><table><thead>${head}</thead><tbody>${rows.join('')}</tbody></table></article>`
  })
  const note =
    '<p class="dim">Held-out sentences; the marked word was hidden. “The word” is how likely the model finds it.</p>'
  return cards.length === 0 ? '' : `${note}<div class="cards">${cards.join('\n')}</div>`
}

function momentRow(step: number, { guesses, meant, probability }: MaskSample): string {
  const shown = guesses.slice(0, 3).map(({ token, score }) => {
    // The same probability is the same token, also where the vocabulary has lost its capital letter.
    const isRight = score === probability && token.toLowerCase() === meant.toLowerCase()
    const kind = isRight ? ' class="right"' : ''
    return `<span${kind}>${escapeMarkup(token)} <small>${(100 * score).toFixed(0)} %</small></span>`
  })
  const found = `${(100 * probability).toFixed(probability < 0.095 ? 1 : 0)} %`
  return `<tr><td class="number">${step.toLocaleString('en-US')}</td><td>${shown.join(' ')}</td><td class="number">${found}</td></tr>`
}

/** Some of a list, evenly, with its first and its last. */
function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!)
}

function parameterTable({ folder, architecture, parameters }: RunModel): string {
  const total = parameters.reduce((sum, group) => sum + group.parameters, 0)
  const row = (name: string, tensors: number, count: number): string =>
    [
      `<tr><td>${escapeMarkup(name)}</td><td class="number">${tensors}</td>`,
      `<td class="number">${count.toLocaleString('en-US')}</td>`,
      `<td class="number">${total > 0 ? ((100 * count) / total).toFixed(1) : '–'} %</td></tr>`,
    ].join('')
  const rows = parameters.map((group) => row(group.name, group.tensors, group.parameters))
  const tensors = parameters.reduce((sum, group) => sum + group.tensors, 0)
  const head =
    '<tr><th>parameters</th><th class="number">tensors</th><th class="number">numbers</th><th class="number">share</th></tr>'
  return `<h3>${escapeMarkup(architecture)} <span class="dim">${escapeMarkup(folder)}</span></h3>
<table><thead>${head}</thead><tbody>${rows.join('')}</tbody><tfoot>${row('total', tensors, total)}</tfoot></table>`
}

function configuration({ command, settings, data, environment }: RunFacts): string {
  const pairs = (title: string, values: Readonly<Record<string, unknown>>): string => {
    const rows = Object.entries(values)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(
        ([name, value]) =>
          `<tr><td>${escapeMarkup(words(name))}</td><td>${escapeMarkup(describeValue(value))}</td></tr>`,
      )
    return rows.length === 0 ? '' : `<div><h3>${title}</h3><table>${rows.join('')}</table></div>`
  }
  const hasData = Object.values(data).some((count) => count > 0)
  const tables = [
    pairs('Settings', settings),
    hasData ? pairs('Data', { ...data, heldOutEvery: data.heldOutEvery || undefined }) : '',
    pairs('Where', environment),
  ]
  const line = command.length === 0 ? '' : `<pre>${escapeMarkup(shellCommand(command))}</pre>`
  return line + (tables.join('') === '' ? '' : `<div class="columns">${tables.join('\n')}</div>`)
}

/** maxLength → max length */
const words = (name: string): string => name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
