/** An authorized request → the batch in its body. */
import type { Batch } from '../../wire/records.ts';
import { readPlainBody } from '../http/body.ts';
import { HttpError, malformed } from '../http/http-error.ts';
import type { Request } from '../http/request.ts';
import { locationOf } from '../runtime/log.ts';
import { validateBatch } from '../validation/batch.ts';
import { Rejections } from '../validation/rejections.ts';
import type { IngestRoute } from './ingest-records.ts';

/** A validated batch, and the records that were rejected from it. */
export interface ReceivedBatch {
  batch: Batch;
  rejections: Rejections;
}

/** Decompresses, decodes and validates; never rejects. */
export async function readBatch(
  request: Request,
  route: IngestRoute,
): Promise<ReceivedBatch | HttpError> {
  try {
    return await read(request, route);
  } catch (error) {
    // A body that triggers a bug does so every time; a 5xx would make the client resend it for ever.
    return malformed('The body cannot be read.', locationOf(error));
  }
}

async function read(request: Request, route: IngestRoute): Promise<ReceivedBatch | HttpError> {
  const wrongType = route.checkType(request);
  if (wrongType) return wrongType;
  const body = readPlainBody(request);
  if (body instanceof HttpError) return body;
  const rejections = new Rejections();
  const decoded = await route.decode(body, request, rejections);
  if (decoded instanceof HttpError) return decoded;
  const batch = validateBatch(decoded.batch, route.maxRecords, rejections);
  return batch instanceof HttpError ? batch : { batch, rejections };
}
