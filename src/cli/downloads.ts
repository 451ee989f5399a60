// What a command shows while a model comes from the hub: on standard error, so that results can be piped on.

import type { DownloadProgress, LocationOptions } from '../checkpoint/index.js'
import { bar, duration, endProgressLine, type ProgressLine, progressLine } from './terminal.js'

// What is here before anybody could read of it is not shown.
const SMALL_BYTES = 1e6
const SHORT_SECONDS = 1
const REDRAW_SECONDS = 0.1
// Off a terminal, a line is for good.
const PLAIN_SECONDS = 10

/** A file on its way. */
interface Download {
  readonly start: number
  /** Bytes that were here before: they say nothing of how fast it goes. */
  readonly first: number
  shown: number
}

/** How commands load models: with progress, and with warnings on standard error. */
export function loadingOptions(stream: NodeJS.WriteStream = process.stderr) {
  const line = progressLine(stream)
  const downloads = new Map<string, Download>()
  return {
    onWarning(message) {
      endProgressLine()
      stream.write(`warning: ${message}\n`)
    },
    onProgress(progress) {
      const key = `${progress.model}/${progress.file}`
      const now = performance.now() / 1000
      const known = downloads.get(key)
      // A server may have begun anew.
      const isNew = known === undefined || progress.bytes < known.first
      const download = isNew ? { start: now, first: progress.bytes, shown: Number.NEGATIVE_INFINITY } : known
      downloads.set(key, download)
      if (progress.bytes === progress.total) downloads.delete(key)
      show(line, stream.isTTY, progress, download, now)
    },
  } satisfies LocationOptions
}

function show(
  line: ProgressLine,
  isTerminal: boolean,
  progress: DownloadProgress,
  download: Download,
  now: number,
): void {
  const { model, file, bytes, total } = progress
  const seconds = now - download.start
  const isAll = bytes === total
  if ((total ?? bytes) < SMALL_BYTES && seconds < SHORT_SECONDS) return
  if (isAll) {
    line.show(`downloaded ${file} of ${model}: ${size(bytes)} in ${duration(seconds)}`, true)
    line.end()
    return
  }
  const since = now - Math.max(download.shown, isTerminal ? Number.NEGATIVE_INFINITY : download.start)
  if (since < (isTerminal ? REDRAW_SECONDS : PLAIN_SECONDS)) return
  download.shown = now
  line.show(
    [file, isTerminal && total ? bar(bytes / total) : '', ...amounts(progress, download, seconds)]
      .filter(Boolean)
      .join('  '),
    true,
  )
}

/** `123.4 of 498.8 MB`, `12.3 MB/s`, `31s left` */
function amounts({ bytes, total }: DownloadProgress, { first }: Download, seconds: number): string[] {
  const rate = (bytes - first) / Math.max(seconds, 1e-3)
  const amount = total === undefined ? size(bytes) : `${(bytes / 1e6).toFixed(1)} of ${size(total)}`
  if (seconds < SHORT_SECONDS || rate === 0) return [amount]
  const left = total === undefined ? [] : [`${duration((total - bytes) / rate)} left`]
  return [amount, `${size(rate)}/s`, ...left]
}

/** Megabytes, as the hub counts them: millions. */
const size = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
