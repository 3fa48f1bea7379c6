/** A Worker without `serverless`: it initialises the SDK with its first request, and flushes in each. */
import { flush, init } from 'agensight';
import { createConversation } from '../conversation.mjs';

let converse;

export default {
  async fetch(_request, { TOKEN: token, ENDPOINT: endpoint, PROVIDER }) {
    if (!converse) {
      init({ name: 'worker', mode: 'prod', token, endpoint });
      converse = createConversation(PROVIDER);
    }
    const answer = await converse('How warm is it?');
    return Response.json({ answer, report: await flush({ timeoutMillis: 5_000 }) });
  },
};
