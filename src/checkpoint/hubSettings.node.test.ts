import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readHubSettings } from './hubSettings.node.js'

let home: string
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'bertkin-hub-settings-'))
  writeFileSync(join(home, 'token'), 'hf_file\n')
  writeFileSync(join(home, 'other'), 'hf_other')
})
afterAll(() => rmSync(home, { recursive: true }))

describe('where things are', () => {
  const environments: readonly (readonly [string, Record<string, string>])[] = [
    ['nothing', {}],
    ['XDG_CACHE_HOME', { XDG_CACHE_HOME: '/x' }],
    ['HF_HOME', { HF_HOME: '~/h', XDG_CACHE_HOME: '/x' }],
    ['HUGGINGFACE_HUB_CACHE', { HUGGINGFACE_HUB_CACHE: '/legacy', HF_HOME: '/h' }],
    ['HF_HUB_CACHE', { HF_HUB_CACHE: '$BASE/c', BASE: '/b', HUGGINGFACE_HUB_CACHE: '/legacy' }],
    ['a variable in braces', { HF_HOME: '$' + '{BASE}/h', BASE: '/b' }],
  ]

  it('follows the environment', async () => {
    const dirs = await Promise.all(environments.map(async ([, env]) => (await readHubSettings({}, env)).cacheDir))
    const standard = join(homedir(), '.cache/huggingface/hub')
    expect(dirs).toEqual([standard, '/x/huggingface/hub', join(homedir(), 'h/hub'), '/legacy', '/b/c', '/b/h/hub'])
    expect((await readHubSettings({ cacheDir: '/mine' }, { HF_HUB_CACHE: '/c' })).cacheDir).toBe('/mine')
  })

  const python = process.env.BERTKIN_PYTHON
  it.skipIf(python === undefined)('agrees with huggingface_hub (needs BERTKIN_PYTHON)', async () => {
    for (const [name, env] of environments) {
      const program = 'import huggingface_hub.constants as c; print(c.HF_HUB_CACHE)'
      const theirs = execFileSync(python!, ['-c', program], { env: { ...env, HOME: homedir() }, encoding: 'utf8' })
      expect((await readHubSettings({}, env)).cacheDir, name).toBe(theirs.trim())
    }
  })

  it('reads the hub’s address, and refuses what is none', async () => {
    expect((await readHubSettings({}, {})).endpoint).toBe('https://huggingface.co')
    expect((await readHubSettings({}, { HF_ENDPOINT: 'http://m:8/x/' })).endpoint).toBe('http://m:8/x')
    expect((await readHubSettings({ endpoint: 'https://e' }, { HF_ENDPOINT: 'bad' })).endpoint).toBe('https://e')
    for (const HF_ENDPOINT of ['huggingface.co', 'ftp://x', 'https://', 'https://user:secret@x', 'https://x?y']) {
      await expect(readHubSettings({}, { HF_ENDPOINT })).rejects.toMatchObject({ code: 'option-invalid' })
    }
  })
})

describe('who asks', () => {
  it.each([
    ['the file of a login', {}, 'hf_file'],
    ['another file', { HF_TOKEN_PATH: 'other' }, 'hf_other'],
    ['HF_TOKEN', { HF_TOKEN: ' hf_env\r\n', HUGGING_FACE_HUB_TOKEN: 'x' }, 'hf_env'],
    ['the older variable', { HUGGING_FACE_HUB_TOKEN: 'hf_old' }, 'hf_old'],
    ['nobody', { HF_HUB_DISABLE_IMPLICIT_TOKEN: '1', HF_TOKEN: 'hf_env' }, undefined],
    ['nobody, for want of a file', { HF_TOKEN_PATH: 'nowhere' }, undefined],
  ] as const)('%s', async (_, env: Readonly<Record<string, string>>, token) => {
    const path = env.HF_TOKEN_PATH === undefined ? {} : { HF_TOKEN_PATH: join(home, env.HF_TOKEN_PATH) }
    expect((await readHubSettings({}, { HF_HOME: home, ...env, ...path })).token).toBe(token)
  })

  it('the options, before everything', async () => {
    const env = { HF_HUB_DISABLE_IMPLICIT_TOKEN: '1', HF_TOKEN: 'hf_env' }
    expect((await readHubSettings({ token: 'hf_mine' }, env)).token).toBe('hf_mine')
  })

  it('refuses what is no token without showing it', async () => {
    const setting = readHubSettings({}, { HF_TOKEN: 'hf_sec\nret' })
    await expect(setting).rejects.toMatchObject({ code: 'option-invalid', message: expect.not.stringContaining('sec') })
  })
})

it('reads switches and seconds', async () => {
  for (const value of ['1', 'on', 'YES', 'True']) {
    expect((await readHubSettings({}, { HF_HUB_OFFLINE: value })).offline).toBe(true)
    expect((await readHubSettings({}, { TRANSFORMERS_OFFLINE: value })).offline).toBe(true)
  }
  expect((await readHubSettings({}, { HF_HUB_OFFLINE: '0' })).offline).toBe(false)
  expect((await readHubSettings({ offline: false }, { HF_HUB_OFFLINE: '1' })).offline).toBe(false)
  const { metadataSeconds, silenceSeconds } = await readHubSettings({}, { HF_HUB_ETAG_TIMEOUT: '3' })
  expect([metadataSeconds, silenceSeconds]).toEqual([3, 10])
  expect((await readHubSettings({}, { HF_HUB_DOWNLOAD_TIMEOUT: 'soon' })).silenceSeconds).toBe(10)
})
