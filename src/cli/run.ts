// Runs a command and turns what goes wrong into one line on standard error and an exit code.

import { type Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { BertkinError } from '../errors.js'
import { endProgressLine } from './terminal.js'

/** Parses and runs; sets the exit code 1 on a mistake. Stack traces are shown with --debug only. */
export async function runCommand(program: Command, argv: readonly string[]): Promise<void> {
  survivePipes()
  program.exitOverride()
  for (const command of program.commands) command.exitOverride()
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    process.exitCode = 1
    if (error instanceof CommanderError) {
      // commander has printed its message; asking for help is no mistake.
      process.exitCode = error.exitCode === 0 ? 0 : 1
      return
    }
    reportError(error, Boolean(program.opts().debug))
  }
}

/** Whoever reads the output may stop reading, as `head` does: that ends a command, and is no mistake. */
function survivePipes(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    reportError(new BertkinError('file-write', `standard output cannot be written: ${error.message}`), false)
    process.exit(1)
  })
  // A training run goes on without anybody watching.
  process.stderr.on('error', () => {})
}

/** One line for what bertkin raises on purpose; anything else is a defect and says so. */
export function reportError(error: unknown, debug: boolean): void {
  endProgressLine()
  const message = error instanceof Error ? error.message : String(error)
  const intended = error instanceof BertkinError
  process.stderr.write(`${pc.red('error:')} ${message.replaceAll(/\s*\n\s*/g, ' ')}\n`)
  if (debug) process.stderr.write(`${stacks(error)}\n`)
  else if (!intended) process.stderr.write(pc.dim('This was not foreseen; run with --debug for details.\n'))
}

/** Where an error came from, and what caused it. */
function stacks(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? error.message
  return error.cause === undefined ? own : `${own}\ncaused by ${stacks(error.cause)}`
}
