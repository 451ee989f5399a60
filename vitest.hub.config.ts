// npm run test:hub: what needs the real hub, and hundreds of megabytes from it. Not part of the suite.

import { defineConfig } from 'vitest/config'
import base from './vitest.config.js'

export default defineConfig({
  ...base,
  test: { ...base.test, include: ['test/hub/*.hub.ts'], env: {}, testTimeout: 1_800_000, hookTimeout: 60_000 },
})
