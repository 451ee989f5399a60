// Tests bundle the sources, while package.json names the build: this turns one into the other.

import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'

export const root = resolve(fileURLToPath(import.meta.url), '../../../..')

export const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | Record<string, string>>
  imports: Record<string, Record<string, string>>
}

export const toSource = (path: string): string => join(root, path.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))

/** What a browser's conditions choose of an entry of "exports" or "imports". */
export function forBrowser(target: string | Readonly<Record<string, string>>): string | undefined {
  if (typeof target === 'string') return target
  const chosen = Object.keys(target).find((condition) => ['browser', 'import', 'default'].includes(condition))
  return chosen === undefined ? undefined : target[chosen]
}

/** For esbuild. */
export const importsFromSource: Plugin = {
  name: 'imports-from-source',
  setup({ onResolve }) {
    onResolve({ filter: /^#/ }, ({ path }) => {
      const target = forBrowser(packageJson.imports[path] ?? {})
      return target === undefined
        ? { errors: [{ text: `"${path}" is nothing to a browser` }] }
        : { path: toSource(target) }
    })
  },
}
