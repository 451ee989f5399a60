// What people look at of a run: its report, TensorBoard's events, model cards. Nothing here trains, or touches files.

export { type Axes, type DrawnPanel, drawPanel, drawPicture } from './chart.js'
export { eventFileStart, restartEvent, scalarsEvent } from './events.js'
export { jsonLines } from './jsonLines.js'
export { lastStep, lastValue, type Metrics, type Point, parseMetrics } from './metrics.js'
export { CARD_MARK, type CardContent, modelCard } from './modelCard.js'
export { type ReportContent, reportPage } from './page.js'
export { type Curve, type Panel, panelsOf } from './panels.js'
export { groupParameters, type ParameterGroup } from './parameterGroups.js'
export { parseRunFacts, type RunData, type RunFacts, type RunModel, shellCommand } from './run.js'
export { type Guess, type MaskSample, parseSamples, type SamplesAtStep } from './samples.js'
export { ticks } from './scale.js'
