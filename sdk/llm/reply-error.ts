/** Errors that a provider reports in its response instead of by a status code. */

import type { Failure } from '../../wire/genai/provider/model.ts';
import { quoteLabel, quoteText, snapshot } from '../serialize/snapshot.ts';

/** The error as JSON text. Without content the message is left out, because it quotes values. */
export const errorJson = ({ type, code, message }: Failure, keepsContent: boolean): string =>
  `{"type":${quoteLabel(type ?? 'ResponseError')}` +
  (code == null ? '' : `,"code":${snapshot(code)}`) +
  (message === null || !keepsContent ? '}' : `,"message":${quoteText(message)}}`);
