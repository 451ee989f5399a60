import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url))

/** Where a machine wants to read how many tests passed: `npm cit` cannot be told on its command line. */
const report = process.env.TEST_REPORT

/** These take minutes: whatever begins last is waited for alone. */
const LONGEST = ['test/playground/', 'test/browser/golden']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification): boolean => LONGEST.some((part) => moduleId.includes(part))
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  resolve: {
    // package.json's "imports" and "exports" point at the build; tests run the sources.
    alias: [
      { find: '#runtime/backend', replacement: source('runtime/backend.node.ts') },
      { find: '#checkpoint/files', replacement: source('checkpoint/files.node.ts') },
      { find: /^bertkin$/, replacement: source('index.ts') },
      { find: /^bertkin\/(\w+)$/, replacement: source('$1/index.ts') },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // For what hangs; what is slow on a busy machine passes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // A page answers when a busy machine lets it: what is waited for comes, or a minute is over.
    expect: { poll: { timeout: 60_000 } },
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    // Tests never ask the real hub; those of downloads say what to ask instead.
    env: { HF_HUB_OFFLINE: '1' },
    // Two cores: ONNX Runtime uses both, so one worker beside the main one is enough.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
})
