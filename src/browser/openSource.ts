// A model's place, as the page has named it, as a folder.

import { type Folder, folderOfFiles, openCheckpoint } from '../checkpoint/index.js'
import type { LoadEvent, ModelSource, SourceOptions } from './protocol.js'
import type { CallContext } from './service.js'

/** Opens the place of a model. */
export async function openSource(
  source: ModelSource,
  options: SourceOptions,
  { send, signal }: Pick<CallContext<LoadEvent>, 'send' | 'signal'>,
): Promise<Folder> {
  if (typeof source !== 'string') return folderOfFiles(source)
  return openCheckpoint(source, {
    ...options,
    signal,
    onProgress: (progress) => send({ kind: 'progress', progress }),
    onWarning: (message) => send({ kind: 'warning', message }),
  })
}
