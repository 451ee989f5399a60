// The checkpoint room: Hugging Face checkpoints on disk or on a web server, read with suspicion and written whole.
// It knows names, shapes and bytes; what they mean is the model room's business.

export {
  checkFolder,
  openCheckpoint,
  openFolder,
  recoverFolder,
  writeFileAtomically,
  writeFolderAtomically,
} from '#checkpoint/files'
export { type ByteSource, bytesSource } from './byteSource.js'
export { createConfig, parseConfig, toHuggingFaceConfig } from './config.js'
export { convertedTensors, type FloatDtype, narrowInRange } from './convert.js'
export type { StoredDtype, TypedArray } from './dtype.js'
export {
  type Activation,
  albertSharing,
  type EncoderConfig,
  headDropout,
  type ModelType,
  type ProblemType,
  type SharedPart,
  type SummaryType,
} from './encoderConfig.js'
export { CheckpointError } from './error.js'
export { blobSource, type FileSet, fileSetOf, folderOfFiles } from './fileSet.js'
export { type FileContent, type Folder, isInnerName } from './files.js'
export { bfloat16ToFloat32, float32ToBfloat16, float32ToHalf, halfToFloat32, narrow, widen } from './half.js'
export type { DownloadProgress, LocationOptions } from './hub.js'
export {
  type ExpectedParameter,
  type ResolvedParameters,
  type ResolveOptions,
  resolveParameters,
  type UntiedCopy,
} from './resolve.js'
export { readSafetensorsHeader, SafetensorsFile } from './safetensors.js'
export { safetensorsBytes, safetensorsChunks, type TensorToWrite } from './safetensorsWriter.js'
export { checkNotSource, isSameFolder } from './sourceFolder.js'
export { type StoredTensor, TensorFile, type TensorInfo } from './tensorFile.js'
export { openTorchFile } from './torchFile.js'
export { forgetDownloads } from './webCache.js'
export { openWeights, type WeightLocation, type Weights, weightsOf } from './weights.js'
