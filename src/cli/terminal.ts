// What commands write to: results to standard output, everything about the work to standard error.

import { stripVTControlCharacters } from 'node:util'
import pc from 'picocolors'

/** A progress line: redrawn in place on a terminal, printed now and then elsewhere. */
export interface ProgressLine {
  /** Shows the line; off a terminal at most every ten seconds, unless it `matters`. */
  show(line: string, matters?: boolean): void
  /** Ends the line, leaving what it showed last. */
  end(): void
}

const PLAIN_SECONDS = 10

/** The line that is open on the terminal, if any. */
let open: ProgressLine | undefined

/** Ends whatever progress line is open, so that something else can be written. */
export function endProgressLine(): void {
  open?.end()
}

/** A line on standard error, below a progress line that is being shown. */
export function say(text: string): void {
  endProgressLine()
  process.stderr.write(`${text}\n`)
}

/** @param stream usually standard error, so that results can be piped on */
export function progressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  let lastPlain = Number.NEGATIVE_INFINITY
  const self: ProgressLine = {
    show(line, matters = false) {
      if (stream.isTTY) {
        stream.write(`\r\x1b[2K${truncate(line, (stream.columns ?? 80) - 1)}`)
        open = self
        return
      }
      const now = performance.now()
      if (!matters && now - lastPlain < PLAIN_SECONDS * 1000) return
      lastPlain = now
      stream.write(`${line}\n`)
    },
    end() {
      if (open !== self) return
      stream.write('\n')
      open = undefined
    },
  }
  return self
}

/** `━━━━━━╶╶╶╶`, `share` of it full. */
export function bar(share: number, width = 24): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return pc.cyan('━'.repeat(full)) + pc.dim('─'.repeat(width - full))
}

/** 95 → `1m 35s` */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds))
  const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
  if (hours > 0) return `${hours}h ${String(minutes).padStart(2, '0')}m`
  return minutes > 0 ? `${minutes}m ${String(rest).padStart(2, '0')}s` : `${rest}s`
}

/** 12345678 → `12,345,678` */
export const integer = (value: number): string => Math.round(value).toLocaleString('en-US')

/** Rows under headings, columns as wide as their widest cell; `right` lists the columns of numbers. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const widths = headings.map((heading, i) =>
    Math.max(...[heading, ...rows.map((row) => row[i] ?? '')].map(visibleLength)),
  )
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const space = ' '.repeat(widths[i]! - visibleLength(cell))
        return right.includes(i) ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  return [line(headings.map((heading) => pc.bold(heading))), ...rows.map(line)].join('\n')
}

const visibleLength = (text: string): number => [...stripVTControlCharacters(text)].length

/** Cuts a line that is too wide; its colours go with it. */
function truncate(line: string, width: number): string {
  return visibleLength(line) <= width ? line : [...stripVTControlCharacters(line)].slice(0, width).join('')
}
