/** A Worker that records into a project of its caller, and flushes it in each request. */
import { createAgensight } from 'agensight';
import { createConversation } from '../conversation.mjs';

const tenants = new Map();

export default {
  async fetch(request, { ENDPOINT: endpoint, PROVIDER }) {
    const token = new URL(request.url).pathname.slice(1);
    let tenant = tenants.get(token);
    if (!tenant) {
      tenant = createAgensight({ name: token, mode: 'prod', token, endpoint });
      tenants.set(token, tenant);
    }
    const answer = await createConversation(PROVIDER, tenant)('How warm is it?');
    return Response.json({ answer, report: await tenant.flush({ timeoutMillis: 5_000 }) });
  },
};
