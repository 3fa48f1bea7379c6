/** What OTLP requests in JSON have in common: resources, in each of them scopes, in each of them items. */
import { isObject } from '../../wire/values.ts';
import { DecodeError, HttpError, malformed } from '../http/http-error.ts';
import { decodeJson } from '../http/json-body.ts';
import { type Members, members, objects, readAttributes, text } from './json-values.ts';
import type { SpanOrigin } from './span-intake.ts';

/** The names of the three lists, from the outside in. */
export type ListNames = readonly [resources: string, scopes: string, items: string];

/** Hands over each item of a body; a refusal when the body is no such request. */
export function walkOtlpJson(
  body: Buffer,
  [resources, scopes, items]: ListNames,
  take: (item: Members, origin: SpanOrigin) => void,
): HttpError | null {
  const parsed = decodeJson(body);
  if (parsed instanceof HttpError) return parsed;
  if (!isObject(parsed.value)) return malformed('The body must be a JSON object.');
  try {
    for (const ofResource of objects(parsed.value, resources)) {
      const resource = readAttributes(members(ofResource.resource).attributes);
      for (const ofScope of objects(ofResource, scopes)) {
        const scope = members(ofScope.scope);
        const origin = { scopeName: text(scope.name), scopeVersion: text(scope.version), resource };
        for (const item of objects(ofScope, items)) take(item, origin);
      }
    }
    return null;
  } catch (error) {
    if (error instanceof DecodeError) return error.httpError;
    throw error;
  }
}
