// The shipped checkpoints, for Vite: served in development, copied beside the page by a build.

import { createReadStream, existsSync, statSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { join, normalize, sep } from 'node:path'
import type { Plugin } from 'vite'
import list from '../models.json' with { type: 'json' }

/** What the page reads of a checkpoint; a run's folder holds more. */
const FILES =
  /^(config\.json|model\.safetensors|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|vocab\.txt|vocab\.json|merges\.txt|spiece\.model)$/

/** Serves `folder` as models/, and copies what models.json names of it into a build; models that are not there are left out. */
export function shippedModels(folder: string): Plugin {
  let out = ''
  return {
    name: 'shipped-models',
    configResolved({ build }) {
      out = build.outDir
    },
    configureServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const path = decodeURIComponent((request.url ?? '').split('?')[0]!)
        if (!path.startsWith('/models/')) return next()
        const inside = normalize(path.slice('/models/'.length))
        const file = join(folder, inside)
        if (inside.startsWith(`..${sep}`) || !existsSync(file) || !statSync(file).isFile()) {
          response.statusCode = 404
          return response.end()
        }
        response.setHeader('Content-Type', file.endsWith('.json') ? 'application/json' : 'application/octet-stream')
        response.setHeader('Content-Length', statSync(file).size)
        createReadStream(file).pipe(response)
      })
    },
    async closeBundle() {
      for (const { folder: name } of list) {
        const from = join(folder, name)
        if (!existsSync(join(from, 'config.json'))) continue
        await mkdir(join(out, 'models'), { recursive: true })
        await cp(from, join(out, 'models', name), {
          recursive: true,
          dereference: true,
          filter: (path) => path === from || FILES.test(path.slice(from.length + 1)),
        })
      }
    },
  }
}

/** WebAssembly has threads only on pages that are isolated from other origins. */
export function crossOriginIsolation(): Plugin {
  const headers = {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
  }
  return { name: 'cross-origin-isolation', config: () => ({ server: { headers }, preview: { headers } }) }
}
