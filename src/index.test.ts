// The front door opens in browsers: nothing reachable from it is Node's, or belongs to the command line.

import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import * as bertkin from './index.js'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

test('a browser bundle needs nothing of Node', async () => {
  const { metafile, warnings } = await build({
    entryPoints: [source('index.ts')],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    tsconfigRaw: {},
    external: ['onnxruntime-web/*'],
    alias: {
      '#runtime/backend': source('runtime/backend.web.ts'),
      '#checkpoint/files': source('checkpoint/files.web.ts'),
    },
  })
  expect(warnings).toEqual([])
  const external = Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter((entry) => entry.external))
  expect(new Set(external.map(({ path }) => path))).toEqual(new Set(['onnxruntime-web/wasm', 'onnxruntime-web/webgpu']))
  const files = Object.keys(metafile.inputs)
  expect(files.filter((path) => /\.node\.|\/(cli|conformance|train|objective|testing)\//.test(path))).toEqual([])
})

test('the names on the front door', () => {
  expect(Object.keys(bertkin).sort()).toEqual([
    'BertkinError',
    'CheckpointError',
    'Encoding',
    'HEADS',
    'Model',
    'Runtime',
    'RuntimeError',
    'TASKS',
    'Tokenizer',
    'TokenizerError',
    'loadModel',
    'loadTokenizer',
    'openCheckpoint',
    'openFolder',
    'pipeline',
  ])
})
