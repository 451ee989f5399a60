// Training with what only Node has: checkpoints on disk to resume from, and batches prepared in another thread.

export {
  openTraining,
  restoreParameters,
  restoreTraining,
  type SaveTrainingOptions,
  saveTraining,
  type TrainingCheckpoint,
} from './checkpoints.node.js'
export * from './index.js'
export { inWorker, serveItems, type WorkerOptions } from './workerThread.node.js'
