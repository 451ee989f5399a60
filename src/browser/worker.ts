// The worker's entry, `bertkin/browser/worker`.

import { type ServicePort, serve } from './service.js'

serve(globalThis as unknown as ServicePort)
