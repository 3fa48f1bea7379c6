/** A Worker with `serverless`: all of its events, and a Durable Object. */
import { DurableObject } from 'cloudflare:workers';
import { serverless, span, trace } from 'agensight';
import { createConversation } from '../conversation.mjs';

const init = ({ TOKEN: token, ENDPOINT: endpoint }) => ({ mode: 'prod', token, endpoint });
const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
const step = span('step', pause);

const pieces = trace('stream', async function* () {
  for (const piece of ['a', 'b', 'c']) {
    await step();
    yield piece;
  }
});
const work = trace('job', async (name) => {
  await step();
  return name;
});

const worker = {
  name: 'the worker',
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const room = env.ROOM.getByName('a');
    switch (pathname) {
      case '/stream':
        return new Response(ReadableStream.from(pieces()).pipeThrough(new TextEncoderStream()));
      case '/later':
        ctx.waitUntil(work('later'));
        return new Response('now');
      case '/throws':
        await work('throws');
        throw new Error('of the Worker');
      case '/this':
        return new Response(this.name);
      case '/object':
        return room.fetch(request);
      case '/call':
        return new Response(await room.ask('How warm is it?'));
      default:
        return Response.json(await createConversation(env.PROVIDER)('How warm is it?'));
    }
  },
  async scheduled({ cron }) {
    await work(cron);
  },
  async queue({ messages }) {
    for (const { body } of messages) await work(body);
  },
};
export default serverless(worker, { init });

export const Room = serverless(
  class Room extends DurableObject {
    async fetch() {
      return new Response(await this.ask('fetch'));
    }
    ask(question) {
      return work(question);
    }
  },
  { init },
);
