/** A Worker that initialises the SDK, and calls recorded functions, before its first request. */
import { env } from 'cloudflare:workers';
import { init, span, status, withSession } from 'agensight';

const double = span('double', (n) => n * 2);
init({ mode: 'prod', token: env.TOKEN, endpoint: env.ENDPOINT });
const before = withSession('before', () => double(1));

export default {
  fetch: () => Response.json({ before, after: double(2), created: status().created }),
};
