// Runs a command and turns what goes wrong into one line on standard error and an exit code.

import { type Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { BertkinError } from '../errors.js'

/** Parses and runs; sets the exit code 1 on a mistake. Stack traces are shown with --debug only. */
export async function runCommand(program: Command, argv: readonly string[]): Promise<void> {
  program.exitOverride()
  for (const command of program.commands) command.exitOverride()
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      // commander has printed its message; asking for help is no mistake.
      process.exitCode = error.exitCode === 0 ? 0 : 1
      return
    }
    reportError(error, Boolean(program.opts().debug))
    process.exitCode = 1
  }
}

/** One line for what bertkin raises on purpose; anything else is a defect and says so. */
export function reportError(error: unknown, debug: boolean): void {
  const message = error instanceof Error ? error.message : String(error)
  const intended = error instanceof BertkinError
  process.stderr.write(`${pc.red('error:')} ${message.replaceAll('\n', ' ')}\n`)
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  else if (!intended) process.stderr.write(pc.dim('This was not foreseen; run with --debug for details.\n'))
}
