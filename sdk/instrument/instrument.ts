/** `instrument`: records the calls of a provider's client. */

import { createWarn } from '../report/warnings.ts';
import { active } from '../runtime/runtime.ts';
import { autoInstrumentation } from './auto.ts';
import { core } from './core.ts';
import { patchClient } from './providers.ts';

/**
 * Records the calls of a client of `openai`, `@anthropic-ai/sdk` or `@google/genai`, or of another
 * package with the same methods (Groq, Together): model, messages, tools, tokens, retries and errors,
 * and streams until their end. Copies made by `withOptions()` are recorded, too. No call is recorded
 * twice when a client is instrumented repeatedly, or also by `autoInstrument`. While the SDK is not
 * initialised, calls are not recorded.
 *
 * Streams of OpenAI's chat completions are requested with `stream_options.include_usage`, unless the
 * request sets it; the additional chunk with the usage is not passed to the caller.
 *
 * Never throws. An object that is not a known client is reported by the warning `instrument`.
 * @param client The client, which is patched in place.
 * @returns the same client
 *
 * @example
 * const openai = instrument(new OpenAI());
 * const claude = instrument(new Anthropic());
 * const gemini = instrument(new GoogleGenAI({ apiKey }));
 */
export function instrument<T extends object>(client: T): T {
  autoInstrumentation.isInstrumenting = true;
  let isKnown = false;
  try {
    isKnown = patchClient(core, client);
  } catch {
    // A frozen object or a proxy cannot be patched.
  }
  if (!isKnown) {
    const warn = createWarn(active.runtime?.settings.onWarning);
    warn('instrument', 'instrument() knows no method of this object; its calls are not recorded');
  }
  return client;
}
