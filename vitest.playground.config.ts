// The playground in a real browser: npm run test:playground.

import { defineConfig } from 'vitest/config'
import base from './vitest.config.js'

export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/playground/**/*.test.ts'], exclude: ['**/node_modules/**'] },
})
