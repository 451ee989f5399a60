// Train: a small model learns in the page, and can be saved as a checkpoint.

import '../../styles/train.css'
import { fill, h } from '../../dom.js'
import { problemText } from '../../engine.js'
import { type MountRoom, stateOf } from '../../room.js'
import { onThemeChange } from '../../theme.js'
import { clamp } from '../../urlState.js'
import { percent } from '../../widgets/bars.js'
import { lossCurve } from './curve.js'
import { sampleStories } from './examples.js'
import { samplesTable } from './samples.js'
import { canWriteFolders, downloadArchive, writeToFolder } from './save.js'
import { type Phase, TrainingSession } from './session.js'
import { settings, trainDefaults } from './settings.js'

/** The one training of the page: it goes on while other rooms are looked at. */
const session = new TrainingSession()

/** Also of its archive. */
const MODEL_NAME = 'trained-here'

/** Evaluations in a run, so that samples show how it gets better. */
const EVALUATIONS = 8

/** How much of the text is hidden: small models on little text learn more from more questions. */
const MASKED = 0.25

const PHASES: Readonly<Record<Phase, string>> = {
  idle: 'Nothing is trained yet.',
  preparing: 'Getting ready',
  running: 'Training',
  paused: 'Paused',
  stopping: 'Ending after this step',
  done: 'Done',
  failed: 'It failed',
}

export const mount: MountRoom = (page, { engine, announce }) => {
  const state = stateOf('train', trainDefaults)
  const form = settings(engine, state)
  const curve = lossCurve()
  const status = h('p', { class: 'training-status' })
  const progress = h('progress', { max: 1, value: 0, 'aria-label': 'Steps done' })
  const samples = h('div', { class: 'sample-area' })
  const outcome = h('div', { class: 'outcome' })
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })

  const button = (label: string, onclick: () => void, isPrimary = false): HTMLButtonElement =>
    h('button', { type: 'button', class: isPrimary ? 'primary' : '', onclick }, label)
  const start = button('Start', () => void begin(), true)
  const hold = button('Pause', () => (session.phase === 'paused' ? session.resume() : session.pause()))
  const stop = button('Stop and keep it', () => session.stop())

  async function begin(): Promise<void> {
    problem.hidden = true
    const { steps, base, epochs } = state.values
    try {
      if (form.kind() === 'finetune') {
        session.finetune('text-classification', engine.source(base), {
          ...{ train: { name: 'examples.csv', text: form.text() }, epochs: clamp(epochs, 1, 30) },
          ...{ batchSize: 8, heldOutShare: 0.2, maxLength: 64, name: MODEL_NAME },
        })
        return
      }
      const count = clamp(Math.round(steps), 50, 3000)
      const text = form.text() || (await sampleStories())
      session.pretrain([text], {
        ...{ recipe: form.recipe(), size: form.size(), steps: count, name: MODEL_NAME },
        ...{ vocabSize: 2000, batchSize: 8, maxLength: 48, maskProbability: MASKED, discriminatorWeight: 10 },
        ...{ evaluateEvery: Math.ceil(count / EVALUATIONS), evaluationSequences: 32 },
      })
    } catch (error) {
      problem.textContent = problemText(error)
      problem.hidden = false
    }
  }

  let drawn: Phase | undefined
  let isDue = false
  /** Steps may come faster than a page can be drawn. */
  const changed = (): void => {
    if (isDue) return
    isDue = true
    requestAnimationFrame(() => {
      isDue = false
      draw()
    })
  }
  function draw(): void {
    const { phase, message, step, steps, points, metrics } = session
    const count = steps > 0 && step > 0 ? `, step ${step} of ${steps}` : ''
    fill(status, h('b', {}, PHASES[phase]), count, phase === 'idle' ? '' : ` · ${message}`)
    status.classList.toggle('problem', phase === 'failed')
    progress.value = steps > 0 ? step / steps : 0
    for (const part of [progress, curve.element]) part.hidden = phase === 'idle'
    start.disabled = session.isBusy
    hold.disabled = !['running', 'paused'].includes(phase)
    hold.textContent = phase === 'paused' ? 'Go on' : 'Pause'
    stop.disabled = !['running', 'paused'].includes(phase)
    if (phase !== drawn) announce(`${PHASES[phase]}. ${phase === 'running' ? '' : message}`)
    if (phase !== drawn || phase === 'running') {
      fill(samples, Object.keys(metrics).length > 0 && metricsLine(metrics), samplesTable(session.samples))
    }
    if (phase !== drawn) showOutcome()
    drawn = phase
    curve.show(points)
  }

  function showOutcome(): void {
    const { files } = session
    if (!files) {
      fill(outcome)
      return
    }
    const name = engine.take(files)
    const saved = h('span', { role: 'status' })
    const save = async (write: () => Promise<boolean>): Promise<void> => {
      try {
        saved.textContent = (await write()) ? 'Saved.' : ''
      } catch (error) {
        saved.textContent = `It could not be saved: ${problemText(error)}`
      }
    }
    const archive = async (): Promise<boolean> => {
      await downloadArchive(files)
      return true
    }
    const model = encodeURIComponent(name)
    const isElectra = Object.keys(files.files).some((path) => path.startsWith('discriminator/'))
    fill(
      outcome,
      h('h2', {}, 'It is yours'),
      h(
        'div',
        { class: 'row' },
        button('Save as an archive', () => void save(archive), true),
        canWriteFolders() && button('Save into a folder', () => void save(() => writeToFolder(files))),
        saved,
      ),
      h(
        'p',
        {},
        'A checkpoint as Hugging Face has them: ',
        h('code', {}, 'bertkin'),
        ' in Node and ',
        h('code', {}, 'transformers'),
        ' in Python open it. Or go on here: ',
        h('a', { href: `#/roberta?model=${model}` }, 'let it fill gaps'),
        isElectra && [
          ', ',
          h('a', { href: `#/electra?model=${model}&generator=${model}` }, 'let it find swapped words'),
        ],
        ', ',
        h('a', { href: `#/attention?model=${model}` }, 'see where it looks'),
        '.',
      ),
    )
  }

  page.append(
    h('h1', {}, 'Train one yourself'),
    h(
      'p',
      { class: 'lead' },
      'A model that knows nothing reads a text over and over and practises what its kind practises. Its loss says how much the right answers surprise it: watch that fall, and see what it makes of sentences it has not read. It happens in this browser.',
    ),
    h(
      'section',
      { class: 'card', 'aria-labelledby': 'train-what' },
      h('h2', { id: 'train-what' }, 'What to train'),
      form.element,
      h('div', { class: 'row' }, start, hold, stop),
      problem,
    ),
    h(
      'section',
      { class: 'card', 'aria-labelledby': 'train-how' },
      h('h2', { id: 'train-how' }, 'How it goes'),
      status,
      progress,
      curve.element,
      samples,
      outcome,
    ),
  )
  const deafen = session.listen(changed)
  const unstyle = onThemeChange(() => curve.restyle())
  draw()
  return () => {
    deafen()
    unstyle()
    curve.dispose()
  }
}

/** What of an evaluation says something to people; shares of what was right. */
const METRICS: Readonly<Record<string, string>> = {
  mlm_accuracy: 'gaps filled rightly',
  rtd_accuracy: 'words judged rightly',
  sop_accuracy: 'orders told rightly',
  nsp_accuracy: 'followers told rightly',
  sbo_accuracy: 'tokens rebuilt rightly from the edges',
  accuracy: 'labels given rightly',
}

const metricsLine = (metrics: Readonly<Record<string, number>>): HTMLElement =>
  h(
    'p',
    { class: 'note' },
    'Last evaluation: ',
    Object.entries(METRICS)
      .flatMap(([name, words]) => (metrics[name] === undefined ? [] : `${words} ${percent(metrics[name])}`))
      .join(', '),
  )
