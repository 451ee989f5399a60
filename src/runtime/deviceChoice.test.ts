import { expect, it } from 'vitest'
import { chooseDevice, type Surroundings } from './deviceChoice.js'

const page: Surroundings = { adapter: 'none', isIsolated: false, hasOwnFile: true, cores: 8 }

it('is WebGPU where there is an adapter', () => {
  const choice = chooseDevice({}, { ...page, adapter: 'hardware' })
  expect(choice).toMatchObject({ device: 'webgpu', threads: 1, why: expect.stringContaining('is a WebGPU adapter') })
})

it('is WebAssembly with threads where the page is isolated, four at most', () => {
  expect(chooseDevice({}, { ...page, isIsolated: true })).toMatchObject({ device: 'wasm', threads: 4 })
  expect(chooseDevice({}, { ...page, isIsolated: true, cores: 2 })).toMatchObject({ device: 'wasm', threads: 2 })
})

it('is WebAssembly with one thread elsewhere, and where the adapter is emulated', () => {
  const none = chooseDevice({}, page)
  expect(none).toMatchObject({ device: 'wasm', threads: 1, why: expect.stringContaining('no WebGPU adapter') })
  expect(none.why).toContain('not cross-origin isolated')
  const software = chooseDevice({}, { ...page, adapter: 'software' })
  expect(software).toMatchObject({ device: 'wasm', why: expect.stringContaining('emulated') })
})

it('has one thread if there is no file to start more with', () => {
  const one = chooseDevice({}, { ...page, isIsolated: true, hasOwnFile: false })
  expect(one).toMatchObject({ threads: 1, why: expect.stringContaining('the bundle is one file') })
  expect(() => chooseDevice({ threads: 2 }, { ...page, isIsolated: true, hasOwnFile: false })).toThrow(
    /file of its own/,
  )
})

it('can be forced, where it is there', () => {
  const wasm = chooseDevice({ device: 'wasm', threads: 1 }, { ...page, adapter: 'hardware', isIsolated: true })
  expect(wasm).toEqual({ device: 'wasm', threads: 1, why: 'wasm was asked for; 1 thread was asked for' })
  expect(chooseDevice({ device: 'webgpu' }, { ...page, adapter: 'software' }).device).toBe('webgpu')
})

it('is refused where it is not', () => {
  expect(() => chooseDevice({ device: 'webgpu' }, page)).toThrow(/no WebGPU adapter here: use the device wasm/)
  expect(() => chooseDevice({ threads: 2 }, page)).toThrow(/2 threads need a page that is cross-origin isolated/)
  expect(() => chooseDevice({ device: 'cpu' }, page)).toThrow(/there is no device "cpu" here/)
})
