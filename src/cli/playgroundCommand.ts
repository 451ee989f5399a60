// bertkin playground: serves the page in which every model can be tried.

import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import pc from 'picocolors'
import { BertkinError } from '../errors.js'
import { wholeNumber } from './options.js'
import { type Place, staticServer } from './staticServer.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface PlaygroundOptions {
  readonly port: number
  readonly host: string
  readonly models?: string
}

export function addPlaygroundCommand(program: Command): void {
  program
    .command('playground')
    .summary('open the playground: see what each model does differently')
    .description(
      'Serves the playground: a page that runs, compares and trains models in the browser. What is typed there stays there.',
    )
    .option('--port <n>', 'where to listen; 0 for any free port', wholeNumber(0), 5175)
    .option('--host <name>', 'who may connect: 127.0.0.1 is this computer alone', '127.0.0.1')
    .option('--models <dir>', 'folder of the checkpoints that the page offers; default: those of the package')
    .addHelpText('after', '\nExample:\n  bertkin playground --port 8080')
    .action(async (options: PlaygroundOptions) => {
      const server = staticServer(playgroundPlaces(options.models))
      await new Promise<void>((resolve, reject) => {
        server.once('error', (cause) => reject(cannotListen(options, cause)))
        server.listen(options.port, options.host, resolve)
      })
      const { port } = server.address() as AddressInfo
      process.stdout.write(
        `The playground is open on ${pc.bold(`http://localhost:${port}/`)} until you press Ctrl+C.\n`,
      )
    })
}

/** @throws {BertkinError} `file-missing` if the pages have not been built, or there are no such models */
export function playgroundPlaces(models?: string): Place[] {
  const pages = join(root, 'playground', 'dist')
  if (!existsSync(join(pages, 'index.html'))) {
    const message = 'the playground has not been built: run "npm run playground:build" in the project’s folder'
    throw new BertkinError('file-missing', message)
  }
  if (models !== undefined && !existsSync(models)) {
    throw new BertkinError('file-missing', `there is no folder ${models}: name one that holds checkpoints`)
  }
  const own = models === undefined ? [] : [{ path: 'models/', folder: models }]
  return [...own, { path: '', folder: pages }, { path: 'models/', folder: join(root, 'models') }]
}

function cannotListen({ port, host }: PlaygroundOptions, cause: Error): BertkinError {
  const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
  const why = isTaken ? 'something else listens there' : cause.message
  return new BertkinError('option-invalid', `cannot listen on ${host}:${port}: ${why}; choose another --port`, {
    cause,
  })
}
