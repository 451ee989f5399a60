// A run's folder before a new run writes to it.

import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { checkFolder, recoverFolder, writeFolderAtomically } from '../checkpoint/index.js'
import type { TrainedModel } from '../objective/index.js'
import { writing } from './metricsLog.js'
import { checkpointsOf } from './runRecord.js'

/**
 * Makes a run's folder ready. Checkpoints of an earlier run get another name, so that nobody resumes from them by
 * mistake, nor loses them by forgetting to resume.
 */
export async function startRunFolder(out: string, models: readonly Pick<TrainedModel, 'folder'>[]): Promise<void> {
  if (models.some(({ folder }) => folder === '')) {
    // It will be replaced by a checkpoint: it must be known as one before anything else is in it.
    await recoverFolder(out)
    if ((await checkFolder(out)) === 'nothing') await writeFolderAtomically(out, {})
  }
  await writing(out, async () => {
    await mkdir(out, { recursive: true })
    const present = checkpointsOf(out)
    if ((await stat(present).catch(() => undefined)) !== undefined) {
      await rm(`${present}.earlier`, { recursive: true, force: true })
      await rename(present, `${present}.earlier`)
    }
    await mkdir(present)
  })
}
