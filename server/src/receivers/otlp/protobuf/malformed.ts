import { ProtobufError } from '../../../lib/protobuf-reader.ts';
import { ServiceError } from '../../../model/errors.ts';

/** Reads protobuf; what is wrong with the bytes is told as `malformed`. */
export function asMalformed<Answer>(read: () => Answer): Answer {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ProtobufError)) throw error;
    throw new ServiceError('malformed', `the protobuf message is broken: ${error.message}`, { cause: error });
  }
}
