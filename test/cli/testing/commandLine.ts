// Runs the real command line, in processes of its own: built once for a test file, into a temporary folder.

import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'

const root = resolve(fileURLToPath(import.meta.url), '../../../..')
const source = (path: string): string => join(root, 'src', path)

/** A folder for this test file; removed at its end. */
export const scratch = mkdtempSync(join(tmpdir(), 'bertkin-cli-'))
/** The command line, as files beside each other: one of them is a worker's. */
const build = join(scratch, '.build/dist/cli')

/** 20 KB of the sample text. */
export const text20 = readFileSync(join(root, 'sample/stories.txt')).subarray(0, 20_000)

beforeAll(() => {
  buildSync({
    entryPoints: ['main', 'tour', 'preparationWorker'].map((name) => source(`cli/${name}.ts`)),
    outdir: build,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'es2022', // older Nodes have no `using`
    packages: 'external',
    alias: {
      '#runtime/backend': source('runtime/backend.node.ts'),
      '#checkpoint/files': source('checkpoint/files.node.ts'),
    },
  })
  writeFileSync(join(build, 'package.json'), '{"type":"module"}')
  symlinkSync(join(root, 'sample'), join(scratch, '.build/sample'))
  symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly ended: Promise<Ended>
  /** Resolves when standard error has shown this. */
  shows(text: string): Promise<void>
  kill(signal: NodeJS.Signals): void
}

interface Input {
  /** The program: `bertkin` itself unless said, or what `npm start` runs. */
  readonly entry?: 'main' | 'tour'
  readonly stdin?: string | Uint8Array
  /** Shell commands before the program, `ulimit` say. */
  readonly before?: string
  /** Shell commands after it, `| head -1` say. */
  readonly after?: string
  /** Beside what this process has. */
  readonly env?: Readonly<Record<string, string>>
}

/** Starts `bertkin …` in the scratch folder. */
export function start(args: readonly string[], { entry = 'main', stdin, before, after, env }: Input = {}): Running {
  const command = [process.execPath, join(build, `${entry}.js`), ...args]
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const [file, ...rest] = before || after ? ['bash', '-c', `${before ?? ''}\n${quoted} ${after ?? ''}`] : command
  const child = spawn(file!, rest, { cwd: scratch, env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '', ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (data: string) => {
    stdout += data
  })
  child.stderr.setEncoding('utf8').on('data', (data: string) => {
    stderr += data
  })
  child.stdin.on('error', () => {}) // a program that refuses its arguments does not read
  child.stdin.end(stdin ?? '')
  return {
    ended: new Promise((done) => {
      child.on('close', (code, signal) => done({ code, signal, stdout, stderr }))
    }),
    shows: (text) =>
      new Promise((done, fail) => {
        const look = (): void => {
          if (stderr.includes(text)) done()
        }
        child.stderr.on('data', look)
        child.on('close', () => fail(new Error(`it ended without showing "${text}": ${stderr}`)))
        look()
      }),
    kill: (signal) => void child.kill(signal),
  }
}

/** Runs `bertkin …` to its end. */
export const bertkin = (args: readonly string[], input: Input = {}): Promise<Ended> => start(args, input).ended

/** What `--json` printed: a value a line. */
export function jsonLines({ stdout, stderr }: Ended): unknown[] {
  if (stdout === '') throw new Error(`it printed nothing; standard error: ${stderr}`)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

/** Options for a run of seconds. */
export const smallRun = [
  ...['--size', 'tiny', '--vocab-size', '300', '--max-length', '16', '--batch-size', '4'],
  ...['--threads', '1'], // several tests run at once
] as const
