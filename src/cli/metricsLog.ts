// metrics.jsonl: a line for every tenth step and for every evaluation. Lines are only ever added. A run that goes on from
// a checkpoint makes some steps again that it had logged before it was killed, with the same numbers: these are not
// logged twice.

import { appendFile, open, readFile, rename, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { BertkinError } from '../errors.js'

const FILE = 'metrics.jsonl'
const EARLIER = 'metrics.earlier.jsonl'

/** A training line has a learning rate, an evaluation has not. */
type Line = Readonly<Record<string, number>>
const keyOf = (line: Line): string => `${'learning_rate' in line ? 'step' : 'evaluation'} ${line.step}`

export class MetricsLog {
  private constructor(
    private readonly path: string,
    /** What was logged after the checkpoint from which the run goes on. */
    private readonly present: Set<string>,
  ) {}

  /** For a new run; the metrics of an earlier one in the same folder get another name. */
  static async start(out: string): Promise<MetricsLog> {
    await writing(join(out, FILE), async () => {
      await rename(join(out, FILE), join(out, EARLIER)).catch(absent)
    })
    return new MetricsLog(join(out, FILE), new Set())
  }

  /** For a run that goes on after `step`. A last line that was cut off by a kill is removed. */
  static async resume(out: string, step: number): Promise<MetricsLog> {
    const path = join(out, FILE)
    const present = new Set<string>()
    for (const text of await wholeLines(path)) {
      const line = parse(text)
      if (line?.step !== undefined && line.step > step) present.add(keyOf(line))
    }
    return new MetricsLog(path, present)
  }

  async add(line: Line): Promise<void> {
    if (this.present.delete(keyOf(line))) return
    await writing(this.path, () => appendFile(this.path, `${JSON.stringify(line)}\n`))
  }

  /** Returns once what was added is on the disk, for a checkpoint must not be ahead of it. */
  async flush(): Promise<void> {
    await writing(this.path, async () => {
      const handle = await open(this.path, 'r+').catch(absent)
      await handle?.sync().finally(() => handle.close())
    })
  }
}

/** A file's lines; a last one that was cut off by a kill is removed from it. */
export async function wholeLines(path: string): Promise<string[]> {
  let lines: string[] = []
  await writing(path, async () => {
    const bytes = (await readFile(path).catch(absent)) ?? Buffer.alloc(0)
    const whole = bytes.lastIndexOf(10) + 1
    if (whole < bytes.length) await truncate(path, whole)
    lines = bytes.subarray(0, whole).toString('utf8').split('\n')
  })
  return lines
}

function parse(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Line) : undefined
  } catch {
    return undefined
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Says of a system's error what could not be written. */
export async function writing(path: string, write: () => Promise<void>): Promise<void> {
  await write().catch((cause: Error) => {
    throw new BertkinError('file-write', `Cannot write ${path}: ${cause.message}`, { cause })
  })
}
