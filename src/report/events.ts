// TensorBoard's event files: records in TFRecord's frame
// (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details), each an Event
// (https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto): the field numbers below
// are that file's and summary.proto's. A file may end anywhere; TensorBoard reads on when there is more.

import { ProtobufWriter } from '../protobuf.js'
import { maskedCrc32c } from './crc32c.js'

/** SessionLog.SessionStatus */
const START = 1

/**
 * What an event file begins with.
 *
 * @param wallTime seconds since 1970
 *
 * @example
 * const bytes = eventFileStart(Date.now() / 1000)
 */
export const eventFileStart = (wallTime: number): Uint8Array =>
  record((event) => event.double(1, wallTime).string(3, 'brain.Event:2'))

/**
 * Says that a run goes on from a checkpoint: what TensorBoard has of later steps, from before, is forgotten.
 *
 * @param step the first step that will be written again
 * @param wallTime seconds since 1970
 *
 * @example
 * const bytes = restartEvent(1200, Date.now() / 1000)
 */
export const restartEvent = (step: number, wallTime: number): Uint8Array =>
  record((event) =>
    event
      .double(1, wallTime)
      .int(2, step)
      .message(7, (log) => log.int(1, START)),
  )

/**
 * Numbers of a step, by their tags: `train/loss`, `held-out/loss`. Tags with the same first part stand together.
 *
 * @param wallTime seconds since 1970
 *
 * @example
 * const bytes = scalarsEvent(500, Date.now() / 1000, { 'train/loss': 3.2, 'train/learning_rate': 5e-4 })
 */
export const scalarsEvent = (step: number, wallTime: number, scalars: Readonly<Record<string, number>>): Uint8Array =>
  record((event) => {
    event.double(1, wallTime).int(2, step)
    event.message(5, (summary) => {
      for (const [tag, value] of Object.entries(scalars)) {
        summary.message(1, (entry) => entry.string(1, tag).float(2, value))
      }
    })
  })

/** Length, its checksum, the event, its checksum; all little-endian. */
function record(write: (event: ProtobufWriter) => void): Uint8Array {
  const event = new ProtobufWriter()
  write(event)
  const data = event.finish()
  const bytes = new Uint8Array(8 + 4 + data.length + 4)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(data.length), true)
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true)
  bytes.set(data, 12)
  view.setUint32(12 + data.length, maskedCrc32c(data), true)
  return bytes
}
