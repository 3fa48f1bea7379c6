/** `instrument`: a provider's client whose calls are recorded. */

import { createWarn } from '../report/warnings.ts';
import { active } from '../runtime/runtime.ts';
import { autoInstrumentation } from './auto-state.ts';
import { core } from './core.ts';
import { patchClient } from './providers.ts';

/**
 * Records the calls of a client of `openai`, `@anthropic-ai/sdk` or `@google/genai`: model, messages,
 * tools, tokens, retries and errors, streams to their end. The client is returned as it is, of the
 * same type; copies by `withOptions()` are recorded too. Doing it twice, or also by `autoInstrument`,
 * counts no call twice. While the SDK is not initialised, calls just run.
 *
 * Streams of OpenAI's chat completions are asked for their token counts (`stream_options`), unless the
 * request says something about them; the chunk that brings them is not passed on. Clients of other
 * packages with the same methods (Groq, Together) work as well. Anything else is left as it is, with a
 * warning; it never throws.
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
    // Frozen, or a proxy that refuses.
  }
  if (!isKnown) {
    const warn = createWarn(active.runtime?.settings.onWarning);
    warn('instrument', 'instrument() knows no method of this object; its calls are not recorded');
  }
  return client;
}
