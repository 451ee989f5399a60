import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LockTiming, withLock } from './hubLock.node.js'

const QUICK: LockTiming = { heartbeat: 40, stale: 500, poll: 5 }
// No process has this number: Linux gives none above 2^22.
const DEAD = 2 ** 30

let root: string
let path: string
let waits: (number | undefined)[]
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bertkin-hub-lock-'))
  path = join(root, 'locks/x.lock')
  waits = []
})
afterEach(() => rmSync(root, { recursive: true }))

const locked = <Result>(work: () => Promise<Result>, timing = QUICK): Promise<Result> =>
  withLock(path, work, (pid) => waits.push(pid), timing)
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))
const leave = (content: string): void => {
  mkdirSync(join(root, 'locks'), { recursive: true })
  writeFileSync(path, content)
}
const owner = (fields: object): string =>
  JSON.stringify({ pid: process.pid, host: hostname(), token: 'other', ...fields })

describe('a lock', () => {
  it('lets one in at a time, and says who is waited for', async () => {
    let inside = 0
    let most = 0
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside)
      await pause(30)
      inside--
    }
    await Promise.all([locked(work), locked(work), locked(work)])
    expect(most).toBe(1)
    expect(waits).toContain(process.pid)
    expect(waits.length).toBeLessThanOrEqual(2)
    expect(readdirSync(join(root, 'locks'))).toEqual([])
  })

  it('is given back when the work fails', async () => {
    await expect(locked(() => Promise.reject(new Error('oh')))).rejects.toThrow('oh')
    expect(await locked(async () => 7)).toBe(7)
    expect(waits).toEqual([])
  })

  it('names its holder, and stays alive while work goes on', async () => {
    let other: Promise<void> | undefined
    await locked(async () => {
      expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() })
      // Longer than a lock counts as alive untouched; the other one waits all the same.
      let isIn = false
      other = locked(async () => {
        isIn = true
      })
      await pause(QUICK.stale * 2)
      expect(isIn).toBe(false)
    })
    await other
  })

  it('of a dead process of this machine is taken at once', async () => {
    leave(owner({ pid: DEAD }))
    expect(await locked(async () => 1, { ...QUICK, stale: 60_000 })).toBe(1)
    expect(waits).toEqual([])
  })

  it.each([
    ['another machine', owner({ host: 'elsewhere', pid: DEAD })],
    ['this process, it is said', owner({})],
    ['nobody knows whom', ''],
    ['nobody: it is no lock of ours', '{"pid": "x"}'],
  ])('of %s is taken when it is not touched any more', async (_, content) => {
    leave(content)
    const start = performance.now()
    expect(await locked(async () => 1)).toBe(1)
    expect(performance.now() - start).toBeGreaterThan(QUICK.stale * 0.9)
    expect(waits.length).toBe(1)
    expect(readdirSync(join(root, 'locks'))).toEqual([])
  })

  it('that was touched long ago may be touched again', async () => {
    leave(owner({ host: 'elsewhere' }))
    utimesSync(path, 1, 1)
    const heart = setInterval(() => existsSync(path) && utimesSync(path, new Date(), new Date()), 50)
    setTimeout(() => {
      clearInterval(heart)
      rmSync(path)
    }, 800)
    const start = performance.now()
    await locked(async () => undefined)
    expect(performance.now() - start).toBeGreaterThan(700)
  })

  it('leaves alone what another one holds by now', async () => {
    await locked(async () => writeFileSync(path, owner({ token: 'thief' })))
    expect(readFileSync(path, 'utf8')).toContain('thief')
  })

  it('that cannot be made is an error', async () => {
    writeFileSync(join(root, 'locks'), '')
    await expect(locked(async () => 1)).rejects.toMatchObject({ code: 'file-write' })
  })
})
