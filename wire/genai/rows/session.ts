/** Mode, service and release of a span, and what its resource says of the session. */

import { text } from '../../json.ts';
import type { Attributes, OtelSpan } from '../forms/otel-span.ts';
import { Found } from '../reader/found.ts';
import { type Ranked, sessionIn, userIn } from '../reader/trace-facts.ts';
import { allSources } from '../sources/source-index.ts';

/** A span or a log record. */
type Source = Pick<OtelSpan, 'attributes' | 'resource'>;

const MODE_KEYS = [
  'agensight.mode',
  'deployment.environment.name',
  'deployment.environment',
  'langfuse.environment',
] as const;

interface Named {
  session: Ranked | null;
  user: Ranked | null;
}

/** What resources say, which hundreds of spans share. */
const inResources = /* @__PURE__ */ new WeakMap<Attributes, Named & { mode: string | null }>();

/** Session and user that a resource names. */
export function ofResource(resource: Attributes): Named & { mode: string | null } {
  let known = inResources.get(resource);
  if (known === undefined) {
    const found = new Found(allSources(), resource);
    known = { session: sessionIn(found), user: userIn(found), mode: modeIn(resource) };
    inResources.set(resource, known);
  }
  return known;
}

/** The session that attributes name; null when they name none. */
export function sessionIdOf(attributes: Attributes): string | null {
  return sessionIn(new Found(allSources(), attributes))?.value ?? null;
}

/** `production` and `prod` are prod, any other word is dev, and none is unknown. */
export function modeOf({ attributes, resource }: Source): 'dev' | 'prod' | null {
  const word = (modeIn(attributes) ?? ofResource(resource).mode)?.toLowerCase();
  if (word === undefined) return null;
  return word === 'prod' || word === 'production' ? 'prod' : 'dev';
}

function modeIn(attributes: Attributes): string | null {
  for (const key of MODE_KEYS) {
    const mode = text(attributes[key]);
    if (mode !== null) return mode;
  }
  return null;
}

/** The service name; OpenTelemetry SDKs write `unknown_service:node` for services without one. */
export function serviceOf({ resource }: Source): string | null {
  const name = text(resource['service.name']);
  return name?.startsWith('unknown_service') ? null : name;
}

export function releaseOf({ resource, attributes }: Source): string | null {
  return text(resource['service.version']) ?? text(attributes['langfuse.release']);
}
