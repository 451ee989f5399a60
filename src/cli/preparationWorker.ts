// The worker in which a run's batches are prepared.

import { serveItems } from '../train/index.node.js'
import { prepareBatches } from './preparation.js'

serveItems(prepareBatches)
