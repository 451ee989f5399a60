// A hub, an empty cache and a folder over both, for one test.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Folder } from '../files.js'
import { openFolder } from '../files.node.js'
import { type DownloadProgress, type LocationOptions, parseHubId } from '../hub.js'
import { type HubTiming, openHubFolder } from '../hubFolder.node.js'
import { HubServer } from './hubServer.js'

export const QUICK: HubTiming = { attempts: 4, backoff: 5, heartbeat: 50, stale: 400, poll: 10 }

/** 300 KB that do not repeat. */
export const WEIGHTS = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i * 31 + (i >> 8)) & 255)

export class HubSetup implements AsyncDisposable {
  readonly warnings: string[] = []
  readonly progress: DownloadProgress[] = []
  readonly cacheDir = mkdtempSync(join(tmpdir(), 'bertkin-hub-'))

  private constructor(readonly hub: HubServer) {}

  static async create(): Promise<HubSetup> {
    const hub = await HubServer.start()
    hub.add('org/tiny', { 'config.json': '{"a": 1}', 'model.safetensors': WEIGHTS }, ['model.safetensors'])
    return new HubSetup(hub)
  }

  /** The model's part of the cache. */
  at(...path: readonly string[]): string {
    return join(this.cacheDir, 'models--org--tiny', ...path)
  }

  open(id = 'org/tiny', options: LocationOptions = {}, timing: Partial<HubTiming> = {}): Promise<Folder> {
    const all: LocationOptions = {
      endpoint: this.hub.endpoint,
      cacheDir: this.cacheDir,
      token: '',
      offline: false,
      onWarning: (message) => this.warnings.push(message),
      onProgress: (progress) => this.progress.push(progress),
      ...options,
    }
    return openHubFolder(parseHubId(id)!, all, openFolder, { ...QUICK, ...timing })
  }

  /** Reads a whole file through a new folder. */
  async read(file: string, id?: string, options?: LocationOptions): Promise<Uint8Array | undefined> {
    const source = await (await this.open(id, options)).open(file)
    return source?.slice(0, source.byteLength)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]()
    rmSync(this.cacheDir, { recursive: true, force: true })
  }
}
