// What a page hears while a model is loaded.

import type { DownloadProgress } from '../checkpoint/index.js'
import type { LoadEvent } from './protocol.js'

export interface LoadListeners {
  /** Told of each piece of a file as it arrives. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
  /** Told, in a sentence, about what was done differently than asked for. Default: `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined
}

/** Tells the listeners, if there are any, of an event. */
export function hearLoading({ onProgress, onWarning = console.warn }: LoadListeners, event: LoadEvent): void {
  if (event.kind === 'progress') onProgress?.(event.progress)
  else onWarning(event.message)
}
