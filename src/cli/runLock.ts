// One process at a time trains a run: resuming one that still goes on would have two of them write the same files.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { BertkinError } from '../errors.js'
import { writing } from './metricsLog.js'
import { checkpointsOf } from './runRecord.js'

const lockOf = (out: string): string => join(checkpointsOf(out), '.running')

/**
 * @throws {BertkinError} `option-invalid` if a living process of this machine trains the run; one on another machine
 *   cannot be told from one that died
 */
export async function checkNotRunning(out: string): Promise<void> {
  const owner = await readFile(lockOf(out), 'utf8').then(parse, () => undefined)
  if (!owner || owner.host !== hostname() || owner.pid === process.pid || !isAlive(owner.pid)) return
  const message = `${out} is being trained by process ${owner.pid}: wait for it, or interrupt it first`
  throw new BertkinError('option-invalid', `${message} (if that is another program, remove ${lockOf(out)})`)
}

/** Marks a run as this process's until the result is disposed of. */
export async function claimRun(out: string): Promise<AsyncDisposable> {
  const path = lockOf(out)
  await writing(path, () => writeFile(path, JSON.stringify({ pid: process.pid, host: hostname() })))
  return {
    async [Symbol.asyncDispose]() {
      await rm(path, { force: true }).catch(() => undefined)
    },
  }
}

function parse(text: string): { readonly pid: number; readonly host: string } | undefined {
  try {
    const { pid, host } = JSON.parse(text) as { pid?: unknown; host?: unknown }
    return Number.isSafeInteger(pid) && Number(pid) > 0 ? { pid: Number(pid), host: String(host) } : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
