/**
 * Text as UTF-8 bytes. The coders are made when they are needed: the global object of some test
 * environments, such as Jest with jsdom, has none, and there they come from Node.
 */

import { builtin } from './platform.ts';

type Encoder = InstanceType<typeof TextEncoder>;
type Decoder = InstanceType<typeof TextDecoder>;
type Coders = Pick<typeof globalThis, 'TextEncoder' | 'TextDecoder'>;

const coders = (): Coders =>
  globalThis.TextDecoder ? globalThis : (builtin('node:util') as Coders);

let encoder: Encoder | undefined;
let decoder: Decoder | undefined;

/** The encoder, which has no state. */
export function utf8Encoder(): Encoder {
  encoder ??= new (coders().TextEncoder)();
  return encoder;
}

/** A decoder of a stream. */
export const utf8Decoder = (): Decoder => new (coders().TextDecoder)();

/** The text of all bytes at once. */
export function utf8Text(bytes: Uint8Array): string {
  decoder ??= utf8Decoder();
  return decoder.decode(bytes);
}
