// Models from the hub on the command line: ids in the place of folders, progress, and what is said without a network.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refuse } from '../../src/checkpoint/testing/hubServer.js'
import { HubSetup } from '../../src/checkpoint/testing/hubSetup.js'
import { loadingOptions } from '../../src/cli/downloads.js'
import { writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { bertkin, type Ended, jsonLines, scratch } from './testing/commandLine.js'

let setup: HubSetup
beforeAll(async () => {
  setup = await HubSetup.create()
  const folder = await writeTinyCheckpoint(join(scratch, 'source'))
  const files = readdirSync(folder).map((name): [string, Uint8Array] => [name, readFileSync(join(folder, name))])
  setup.hub.add('org/bert', Object.fromEntries(files), ['model.safetensors'])
  setup.hub.manners.push((_, response, { path }) => {
    if (path.startsWith('/org/gated/')) refuse(response, 403, 'GatedRepo')
    return response.writableEnded
  })
})
afterAll(() => setup[Symbol.asyncDispose]())

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  bertkin(args, {
    env: { HF_ENDPOINT: setup.hub.endpoint, HF_HUB_CACHE: setup.cacheDir, HF_HUB_OFFLINE: '', HF_TOKEN: '', ...env },
  })

describe('a hub id', () => {
  it('stands for a folder in every command, at the first time and without the hub', async () => {
    const [seen] = jsonLines(await run(['inspect', 'org/bert', '--json']))
    expect(seen).toMatchObject({ model: 'org/bert', weights: { missing: [], unexpected: [] } })
    expect(setup.hub.requests('cdn').every((request) => /bytes=\d+-\d+$/.test(request))).toBe(true)
    setup.hub.asked.length = 0
    const local = await bertkin(['fill-mask', 'source', 'the [MASK] sat', '--json'])
    const first = await run(['fill-mask', 'org/bert', 'the [MASK] sat', '--json'])
    expect(first).toEqual(local)
    expect(setup.hub.requests('cdn').length).toBe(1)
    const again = await run(['fill-mask', 'org/bert@main', 'the [MASK] sat', '--json'], { HF_HUB_OFFLINE: '1' })
    expect(again).toEqual(local)
    const { stdout } = await run(['tokenize', 'org/bert', 'the cat', '--json'])
    expect(stdout).toBe((await bertkin(['tokenize', 'source', 'the cat', '--json'])).stdout)
    const [report] = jsonLines(await run(['inspect', 'org/bert', '--json']))
    expect(report).toMatchObject({ model: 'org/bert', weights: { missing: [], unexpected: [] } })
    expect(setup.hub.requests('cdn').length).toBe(1)
  })

  it.each([
    ['of no model', 'org/nothing', {}, /There is no folder org\/nothing, and .* has no model org\/nothing: check/],
    ['of a gated model', 'org/gated', {}, /org\/gated is gated: accept .*HF_TOKEN/],
    ['that is not cached', 'org/never', { HF_HUB_OFFLINE: '1' }, /There is no folder org\/never; .* not in the cache/],
    ['without a network', 'org/never', { HF_ENDPOINT: 'http://127.0.0.1:2' }, /127\.0\.0\.1:2 cannot be reached/],
    ['at a wrong address', 'org/never', { HF_ENDPOINT: 'nonsense' }, /HF_ENDPOINT must be an address/],
    ['with a revision that is none', 'org/bert@..', {}, /".." is not a revision/],
  ])('%s gives one line', async (_, id, env: Readonly<Record<string, string>>, message) => {
    const { code, stdout, stderr } = await run(['fill-mask', id, 'the [MASK] sat'], env)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
  })
})

describe('progress', () => {
  const shown = (isTTY: boolean, bytes: readonly number[], total: number | undefined): string => {
    let text = ''
    const write = (chunk: string): boolean => {
      text += chunk
      return true
    }
    const { onProgress } = loadingOptions({ isTTY, columns: 100, write } as unknown as NodeJS.WriteStream)
    for (const so of bytes) onProgress({ model: 'org/bert', file: 'model.safetensors', bytes: so, total })
    return text
  }

  it('is a bar on a terminal', () => {
    const text = shown(true, [0, 5e6, 2e7], 2e7)
    expect(text.startsWith('\r\x1b[2Kmodel.safetensors  ')).toBe(true)
    expect(text).toContain('0.0 of 20.0 MB')
    expect(text).toMatch(/downloaded model\.safetensors of org\/bert: 20\.0 MB in 0s\n$/)
  })

  it('is one line elsewhere', () => {
    expect(shown(false, [0, 5e6, 1e7, 2e7], 2e7)).toBe('downloaded model.safetensors of org/bert: 20.0 MB in 0s\n')
  })

  it('of small files is not worth a line', () => {
    expect(shown(true, [0, 500], 500)).toBe('')
    expect(shown(false, [0, 500], undefined)).toBe('')
  })
})
