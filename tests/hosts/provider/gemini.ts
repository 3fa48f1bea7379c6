/** Gemini's `generateContent`. */
import type { Json } from './server.ts';

export const gemini = (parts: Json[], more: Json = {}): Json => ({
  responseId: 'gem_1',
  modelVersion: 'gemini-2.5-pro',
  candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }],
  usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 3, totalTokenCount: 8 },
  ...more,
});
