// Where a model is, as a worker must be told: it has another address than its page.

import type { ModelSource } from './protocol.js'

/** With paths (`./x`, `../x`, `/x`) as addresses, relative to the page. */
export const resolved = (source: ModelSource): ModelSource =>
  typeof source === 'string' && /^\.{0,2}\//.test(source) ? new URL(source, document.baseURI).href : source
