/**
 * The content codings that a server accepts. The best one is tried first; a server that answers 415 (or
 * 400, before it ever accepted that coding) gets the same batch again in the next one. What it accepts
 * is remembered for the process.
 */
import { type Coding, codings } from '../platform/compression.ts';
import { shared } from '../platform/shared.ts';

interface Known {
  /** Codings that the server refused. */
  readonly refused: Set<Coding>;
  /** Whether it accepted the first coding that is left. */
  isConfirmed: boolean;
}

/** By origin of the endpoint. */
const servers = shared('accepted-codings', () => new Map<string, Known>());

/** Names that the machine itself has. */
const LOOPBACK = /^(.+\.)?localhost$|^127(\.\d+){3}$|^\[::1\]$/;

export interface AcceptedCodings {
  /** The codings to try for a batch, the best first; null for none. */
  candidates(packed: Coding | null): (Coding | null)[];
  /** Whether a response with this status asks for another coding. */
  isRefusal(status: number, coding: Coding | null): boolean;
  /** The server has accepted a batch in a coding, after it refused others. */
  accept(coding: Coding | null, refused: readonly Coding[]): void;
}

export function createAcceptedCodings(url: URL): AcceptedCodings {
  const known = servers.get(url.origin) ?? { refused: new Set(), isConfirmed: false };
  servers.set(url.origin, known);
  // Compression saves no network traffic to the same machine.
  const compresses = !LOOPBACK.test(url.hostname);

  return {
    candidates(packed) {
      const wanted = compresses || packed ? codings() : [];
      // What is compressed already is not compressed again, unless the server refuses it.
      if (packed) wanted.sort((a, b) => Number(b === packed) - Number(a === packed));
      return [...wanted.filter((coding) => !known.refused.has(coding)), null];
    },
    isRefusal(status, coding) {
      if (coding === null) return false;
      if (status === 415) known.refused.add(coding);
      return status === 415 || (status === 400 && !known.isConfirmed);
    },
    accept(coding, refused) {
      for (const one of refused) known.refused.add(one);
      if (coding !== null) known.isConfirmed = true;
    },
  };
}
