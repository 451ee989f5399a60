// The worker's entry, `bertkin/browser/worker`.

import { type ServicePort, serve } from './service.js'

// ONNX Runtime starts its threads with the script that it is in: bundled into one file, that is this one.
const scope = globalThis as unknown as ServicePort & { readonly name?: string }
if (!scope.name?.startsWith('em-pthread')) serve(scope)
