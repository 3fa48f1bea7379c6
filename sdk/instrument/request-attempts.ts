/** Records the HTTP requests of one call: clients retry by themselves and return the last response. */

import { fieldOf, hasFields, textOf } from '../platform/values.ts';
import type { RequestAttempts } from '../span/call-info.ts';
import type { RecordingSpan } from '../span/recording-span.ts';

export function attemptsOf(span: RecordingSpan): RequestAttempts {
  let sent = 0;
  let status: number | null = null;
  const note = (response: unknown): void => {
    const found = fieldOf(response, 'status');
    status = typeof found === 'number' ? found : null;
    span.setAttribute('http.response.status_code', status);
    span.setAttribute('agensight.request_id', requestIdOf(response));
  };
  return {
    begin() {
      if (sent > 0) {
        span.addEvent('retry', {
          'http.request.resend_count': sent,
          ...(status === null ? {} : { 'http.response.status_code': status }),
        });
        span.setAttribute('http.request.resend_count', sent);
      }
      sent += 1;
    },
    end: note,
    failed(thrown) {
      if (!hasFields(thrown)) return;
      const { code, type, name } = thrown;
      if (typeof thrown.status === 'number') note(thrown);
      span.setAttribute('error.type', textOf(code) ?? textOf(type) ?? textOf(name));
    },
  };
}

/** The request id of OpenAI, Anthropic or Azure, from a response or from the error made of one. */
function requestIdOf(source: unknown): string | null {
  if (!hasFields(source)) return null;
  const id = textOf(source.requestID) ?? textOf(source.request_id);
  const headers = source.headers as { get?: (name: string) => string | null } | undefined;
  if (id || typeof headers?.get !== 'function') return id;
  return headers.get('x-request-id') ?? headers.get('request-id') ?? headers.get('apim-request-id');
}
