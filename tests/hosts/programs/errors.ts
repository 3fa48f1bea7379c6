/** Errors are the program's own objects, and their rows have the names by which one groups them. */

import type { Program } from '../program.ts';
import { CLAUDE } from '../provider/anthropic.ts';
import { CHAT } from '../provider/chat.ts';
import { aborted, type Failure, refused } from '../provider/failures.ts';
import type { Json } from '../provider/server.ts';

class QuotaExceeded extends Error {}
class Named extends Error {
  override name = 'QuotaError';
}

const THROWN: Record<string, () => Error> = {
  QuotaExceeded: () => new QuotaExceeded('too many'),
  QuotaError: () => new Named('too many'),
  AbortError: () => new DOMException('gone', 'AbortError'),
  AggregateError: () => new AggregateError([new Error('a')], 'all failed'),
};

const thrown: Program = {
  name: 'functions that throw errors of four classes',
  run({ agensight }) {
    return Object.entries(THROWN).map(([type, make]) => {
      const error = make();
      const before = Object.getOwnPropertyNames(error).sort();
      const fail = agensight.span('fail', () => {
        throw error;
      });
      try {
        fail();
      } catch (caught) {
        return [type, caught === error, before, Object.getOwnPropertyNames(error).sort()];
      }
      return [type];
    });
  },
  rows: [
    {
      table: 'spans',
      are: Object.keys(THROWN).map((type) => ({ status: 'error', error: { type } })),
    },
  ],
};

/** Of clients: the class of what the program catches is that of the client. */
const REFUSED: Record<string, () => Failure> = {
  BadRequestError: () => refused(400),
  AuthenticationError: () => refused(401),
  NotFoundError: () => refused(404),
  RateLimitError: () => refused(429),
  InternalServerError: () => refused(500),
  APIUserAbortError: aborted,
};

const CLIENTS: Record<string, { exported: string; ask: (client: Json, options: Json) => unknown }> =
  {
    openai: {
      exported: 'OpenAI',
      ask: (client, options) => client.chat.completions.create(CHAT, options),
    },
    '@anthropic-ai/sdk': {
      exported: 'Anthropic',
      ask: (client, options) => client.messages.create(CLAUDE, options),
    },
  };

const ofClients = Object.entries(CLIENTS).map(
  ([name, { exported, ask }]): Program => ({
    name: `${name}, errors of six classes`,
    packages: [name],
    async run({ load, provider, attempt }) {
      const { [exported]: Client } = await load(name);
      const seen: unknown[] = [];
      for (const failure of Object.values(REFUSED)) {
        const { route, options } = failure();
        const { url } = await provider(route);
        const baseURL = name === 'openai' ? `${url}/v1` : url;
        const client = new Client({ apiKey: 'k', baseURL, maxRetries: 0 });
        seen.push(await attempt(() => ask(client, options)));
      }
      return seen;
    },
    rows: [
      {
        table: 'spans',
        where: { kind: 'llm' },
        are: Object.keys(REFUSED).map((type) => ({ status: 'error', error: { type } })),
      },
    ],
  }),
);

export const programs: Program[] = [thrown, ...ofClients];
