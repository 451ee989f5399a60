// The service worker's part of a build: it is compiled by itself, and told which files there are.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Plugin, transformWithOxc } from 'vite'

const source = fileURLToPath(new URL('../src/serviceWorker.ts', import.meta.url))

/** Emits serviceWorker.js; its name does not change, so that browsers find the next version. */
export function serviceWorker(): Plugin {
  let publicFiles: string[] = []
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved({ publicDir }) {
      publicFiles = readdirSync(publicDir)
    },
    async generateBundle(_, bundle) {
      const built = Object.keys(bundle).filter((name) => !name.endsWith('.map') && name !== 'index.html')
      const files = ['./', ...publicFiles, ...built]
      const version = createHash('sha256')
      for (const item of Object.values(bundle)) version.update(item.type === 'asset' ? item.source : item.code)
      const code = readFileSync(source, 'utf8')
        .replace("'__VERSION__'", JSON.stringify(version.digest('hex').slice(0, 12)))
        .replace("'__FILES__'", JSON.stringify(files))
      const { code: script } = await transformWithOxc(code, source)
      // Written as a module for the sake of types; browsers take it as a plain script.
      this.emitFile({
        type: 'asset',
        fileName: 'serviceWorker.js',
        source: script.replace(/^export\s*\{\s*\};?$/m, ''),
      })
    },
  }
}
