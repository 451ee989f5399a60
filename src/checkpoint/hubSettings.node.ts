// Where the hub is, where downloads are kept and who asks: from options, else from the environment variables that
// Python's huggingface_hub knows, with the same meaning.

import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { CheckpointError } from './error.js'
import { type LocationOptions, PUBLIC_ENDPOINT } from './hub.js'

/** Everything a download needs to know beside what to download. */
export interface HubSettings {
  /** Without a slash at its end. */
  readonly endpoint: string
  readonly cacheDir: string
  readonly token: string | undefined
  readonly offline: boolean
  /** How long the hub may take to describe a file. */
  readonly metadataSeconds: number
  /** How long a download may stand still. */
  readonly silenceSeconds: number
  /** Files are copied into snapshots instead of linked. */
  readonly copies: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

const DEFAULT_SECONDS = 10

/**
 * Options before environment before defaults.
 *
 * @throws CheckpointError `option-invalid` if the endpoint is no address or the token cannot be one
 */
export async function readHubSettings(
  options: LocationOptions,
  environment: Environment = process.env,
): Promise<HubSettings> {
  const home = pathFrom(environment, 'HF_HOME') ?? join(cacheHome(environment), 'huggingface')
  const cache = pathFrom(environment, 'HF_HUB_CACHE') ?? pathFrom(environment, 'HUGGINGFACE_HUB_CACHE')
  return {
    endpoint: endpointFrom(options, environment),
    cacheDir: resolve(options.cacheDir ?? cache ?? join(home, 'hub')),
    token: await tokenFrom(options, environment, home),
    offline: options.offline ?? isTrue(environment.HF_HUB_OFFLINE || environment.TRANSFORMERS_OFFLINE),
    metadataSeconds: secondsFrom(environment, 'HF_HUB_ETAG_TIMEOUT'),
    silenceSeconds: secondsFrom(environment, 'HF_HUB_DOWNLOAD_TIMEOUT'),
    copies: isTrue(environment.HF_HUB_DISABLE_SYMLINKS),
  }
}

const isTrue = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? '')

/** The hub's address: the option, else `HF_ENDPOINT`, else the public one. */
export function endpointFrom({ endpoint }: LocationOptions, environment: Environment = process.env): string {
  const address = (endpoint ?? (environment.HF_ENDPOINT || PUBLIC_ENDPOINT)).replace(/\/+$/, '')
  if (/^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/i.test(address) && URL.canParse(address)) return address
  const name = endpoint === undefined ? 'HF_ENDPOINT' : 'endpoint'
  throw new CheckpointError('option-invalid', `${name} must be an address like ${PUBLIC_ENDPOINT}, not "${address}".`)
}

const cacheHome = (environment: Environment): string => environment.XDG_CACHE_HOME || join(homedir(), '.cache')

function pathFrom(environment: Environment, name: string): string | undefined {
  const value = environment[name]
  if (!value) return undefined
  const path = value.replace(/^~(?=[/\\]|$)/, homedir())
  return path.replace(/\$(?:(\w+)|\{(\w+)\})/g, (text, bare?: string, braced?: string) => {
    return environment[bare ?? braced ?? ''] ?? text
  })
}

function secondsFrom(environment: Environment, name: string): number {
  const seconds = Number(environment[name] || DEFAULT_SECONDS)
  return Number.isFinite(seconds) && seconds > 0 ? seconds : DEFAULT_SECONDS
}

async function tokenFrom(
  options: LocationOptions,
  environment: Environment,
  home: string,
): Promise<string | undefined> {
  if (options.token !== undefined) return checkedToken(options.token, 'the token given')
  if (isTrue(environment.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return undefined
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN']) {
    const token = checkedToken(environment[name] ?? '', name)
    if (token !== undefined) return token
  }
  const path = pathFrom(environment, 'HF_TOKEN_PATH') ?? join(home, 'token')
  // A token that may not be read is none: most models need none.
  return checkedToken(await readFile(path, 'utf8').catch(() => ''), path)
}

/** Without the line break that editors and shells leave; what would not be a header is refused without showing it. */
function checkedToken(text: string, origin: string): string | undefined {
  const token = text.trim()
  if (token === '') return undefined
  if (/^[\x21-\x7e]+$/.test(token)) return token
  const advice = 'copy it again from https://huggingface.co/settings/tokens'
  throw new CheckpointError('option-invalid', `${origin} is not an access token: ${advice}.`)
}
