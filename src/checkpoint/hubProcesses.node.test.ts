// Several processes and one cache: downloading at once, being killed, and Python's huggingface_hub.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildSync } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Asked, COMMIT } from './testing/hubServer.js'
import { HubSetup, WEIGHTS } from './testing/hubSetup.js'

const FILE = 'model.safetensors'
const EXPECTED = `${WEIGHTS.length} ${createHash('sha256').update(WEIGHTS).digest('hex')}\n`
const scratch = mkdtempSync(join(tmpdir(), 'bertkin-hub-processes-'))
const program = join(scratch, 'child.mjs')

beforeAll(() => {
  buildSync({
    entryPoints: [fileURLToPath(new URL('testing/hubChild.ts', import.meta.url))],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
  })
})
afterAll(() => rmSync(scratch, { recursive: true }))

let setup: HubSetup
let children: ChildProcess[]
beforeEach(async () => {
  setup = await HubSetup.create()
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await setup[Symbol.asyncDispose]()
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: scratch,
  HF_ENDPOINT: setup.hub.endpoint,
  HF_HUB_CACHE: setup.cacheDir,
  HF_HUB_DISABLE_TELEMETRY: '1',
})

/** Starts a process that opens a file; `sees` is told of what it says. */
function start(sees: (child: ChildProcess, text: string) => void = () => undefined): Promise<Ended> {
  const child = spawn(process.execPath, [program, 'org/tiny', FILE], { cwd: scratch, env: environment() })
  children.push(child)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    sees(child, stderr)
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

const isBody = ({ host }: Asked): boolean => host === 'cdn'
const bodies = (): (string | undefined)[] => setup.hub.asked.filter(isBody).map(({ range }) => range)

describe('processes of bertkin', () => {
  it('download a model once, however many want it at a time', async () => {
    // The first download stands still until everybody has asked for the file.
    setup.hub.manners.push((_, response, asked) => {
      if (!isBody(asked)) return false
      const go = (): void => {
        const heads = setup.hub.asked.filter(({ method }) => method === 'HEAD').length
        if (heads >= 3) response.writeHead(200, { 'Content-Length': WEIGHTS.length }).end(WEIGHTS)
        else setTimeout(go, 10)
      }
      go()
      return true
    })
    const ended = await Promise.all([start(), start(), start()])
    for (const { code, stdout, stderr } of ended)
      expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: EXPECTED })
    expect(bodies().length).toBe(1)
    expect(readdirSync(setup.at('blobs'))).toEqual([setup.hub.etag('org/tiny', FILE)])
    expect(readdirSync(join(setup.cacheDir, '.locks/models--org--tiny'))).toEqual([])
  })

  it('go on where a killed one stopped, at once', async () => {
    setup.hub.manners.push((_, response, asked) => {
      if (!isBody(asked) || bodies().length > 1) return false
      response.writeHead(200, { 'Content-Length': WEIGHTS.length }).write(WEIGHTS.subarray(0, 100_000))
      return true
    })
    const killed = await start((child, text) => {
      if (text.includes('100000 of')) child.kill('SIGKILL')
    })
    expect(killed.code).toBe(null)
    expect(readdirSync(setup.at('blobs')).join()).toMatch(/\.incomplete$/)
    expect(existsSync(setup.at('snapshots', COMMIT, FILE))).toBe(false)

    const { stdout, stderr } = await start()
    expect(stdout).toBe(EXPECTED)
    expect(stderr).not.toContain('waiting')
    expect(bodies()).toEqual([undefined, 'bytes=100000-'])
  })
})

describe('Python’s huggingface_hub', () => {
  const python = process.env.BERTKIN_PYTHON
  const run = async (program: string): Promise<unknown> => {
    const { stdout } = await promisify(execFile)(python!, ['-c', program], { env: environment() })
    return JSON.parse(stdout)
  }

  it.skipIf(python === undefined)('finds everything in a cache written here (needs BERTKIN_PYTHON)', async () => {
    await setup.read(FILE)
    await setup.read('config.json')
    await setup.read('vocab.txt')
    const requests = setup.hub.asked.length
    const found = await run(`
import json, huggingface_hub as h
from huggingface_hub import file_download as f
cache = h.scan_cache_dir()
repo, = cache.repos
revision, = repo.revisions
print(json.dumps({
  'config': open(h.hf_hub_download('org/tiny', 'config.json', local_files_only=True)).read(),
  'weights': len(open(h.hf_hub_download('org/tiny', '${FILE}', local_files_only=True), 'rb').read()),
  'absent': h.try_to_load_from_cache('org/tiny', 'vocab.txt') is f._CACHED_NO_EXIST,
  'unknown': h.try_to_load_from_cache('org/tiny', 'other.txt') is None,
  'warnings': [str(w) for w in cache.warnings],
  'repo': [repo.repo_id, repo.nb_files, repo.size_on_disk, sorted(repo.refs)],
  'revision': [revision.commit_hash, sorted(x.file_name for x in revision.files)],
}))`)
    expect(found).toEqual({
      config: '{"a": 1}',
      weights: WEIGHTS.length,
      absent: true,
      unknown: true,
      warnings: [],
      repo: ['org/tiny', 2, WEIGHTS.length + 8, ['main']],
      revision: [COMMIT, ['config.json', FILE]],
    })
    expect(setup.hub.asked.length).toBe(requests)
    // Asked with the hub at hand, it has nothing to download either.
    await run(`import huggingface_hub as h; h.hf_hub_download('org/tiny', '${FILE}'); print(1)`)
    expect(bodies().length).toBe(1)
  })

  it.skipIf(python === undefined)('writes a cache that is used as it is (needs BERTKIN_PYTHON)', async () => {
    await run(`
import huggingface_hub as h
for name in ['config.json', '${FILE}', 'vocab.txt']:
  try: h.hf_hub_download('org/tiny', name)
  except h.errors.EntryNotFoundError: pass
print(1)`)
    setup.hub.asked.length = 0
    const before = readdirSync(setup.at(), { recursive: true }).sort()
    const offline = { offline: true }
    expect(await setup.read(FILE, undefined, offline)).toHaveLength(WEIGHTS.length)
    expect(await setup.read('config.json', undefined, offline)).toHaveLength(8)
    expect(await setup.read('vocab.txt', undefined, offline)).toBeUndefined()
    expect(setup.hub.asked).toEqual([])
    expect(setup.warnings).toEqual([])
    expect(await setup.read(FILE)).toHaveLength(WEIGHTS.length)
    expect(setup.hub.requests()).toEqual([`HEAD /org/tiny/resolve/main/${FILE}`])
    expect(readdirSync(setup.at(), { recursive: true }).sort()).toEqual(before)
    expect(readFileSync(setup.at('refs/main'), 'utf8')).toBe(COMMIT)
  })
})
