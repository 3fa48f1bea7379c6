/** A request that may come in → the batch in it. Nothing here waits for anything. */
import type { Batch } from '../../wire/records.ts';
import { readPlainBody } from '../http/body.ts';
import { malformed, Refusal } from '../http/refusal.ts';
import type { Request } from '../http/request.ts';
import { whereOf } from '../runtime/log.ts';
import { validateBatch } from '../validation/batch.ts';
import { Rejections } from '../validation/rejections.ts';
import type { RecordDoor } from './record-door.ts';

export interface Arrival {
  batch: Batch;
  rejections: Rejections;
}

/** Inflates, decodes and validates; never throws. */
export function readBatch(request: Request, door: RecordDoor): Arrival | Refusal {
  try {
    return read(request, door);
  } catch (error) {
    // A body that finds a bug of ours finds it every time: with a 5xx it would come back for ever.
    return malformed('The body cannot be read.', whereOf(error));
  }
}

function read(request: Request, door: RecordDoor): Arrival | Refusal {
  const wrongType = door.checkType(request);
  if (wrongType) return wrongType;
  const body = readPlainBody(request);
  if (body instanceof Refusal) return body;
  const rejections = new Rejections();
  const decoded = door.decode(body, request, rejections);
  if (decoded instanceof Refusal) return decoded;
  const batch = validateBatch(decoded.batch, door.maxRecords, rejections);
  return batch instanceof Refusal ? batch : { batch, rejections };
}
