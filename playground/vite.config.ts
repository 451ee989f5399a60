// Serves and builds the playground. The library comes from its sources; models from models/, or from the folder that
// BERTKIN_MODELS names.

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { crossOriginIsolation, shippedModels } from './build/models.js'
import { serviceWorker } from './build/serviceWorker.js'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: here('.'),
  base: './', // any host, any path
  plugins: [shippedModels(process.env.BERTKIN_MODELS ?? here('../models')), crossOriginIsolation(), serviceWorker()],
  resolve: {
    alias: [
      { find: /^bertkin$/, replacement: here('../src/index.ts') },
      { find: /^bertkin\/(\w+)$/, replacement: here('../src/$1/index.ts') },
      { find: '#runtime/backend', replacement: here('../src/runtime/backend.web.ts') },
      { find: '#checkpoint/files', replacement: here('../src/checkpoint/files.web.ts') },
    ],
  },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: { outDir: here('dist'), emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 1000 },
})
