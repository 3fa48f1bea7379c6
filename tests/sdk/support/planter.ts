/** Sets every value of every record kind to a text, and captures the sent bytes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import {
  currentSpan,
  currentTrace,
  flush,
  type InitOptions,
  init,
  shutdown,
  span,
  startSpan,
  trace,
  tracer,
  withSession,
} from '../../../sdk/index.ts';
import { plainBody } from '../../support/plain-body.ts';

/** Sets every value of every record kind. */
export async function plant(secret: string): Promise<void> {
  const says = (where: string): string => `${where}: ${secret} (end)`;
  class Thrown extends Error {
    override name = says('name');
    detail = secret;
  }
  const fail = (): never => {
    throw new Thrown(says('message'), {
      cause: new AggregateError([new Error(says('inner'))], says('cause')),
    });
  };
  const argument = {
    text: says('text'),
    list: [secret],
    [secret]: 1,
    map: new Map([['k', secret]]),
  };
  const quiet = (fn: () => unknown): unknown => {
    try {
      return fn();
    } catch {
      return undefined;
    }
  };

  await trace(
    {
      name: says('trace'),
      session: { id: secret.slice(0, 120).replaceAll('\n', ' '), name: says('s'), userId: secret },
      userId: says('user'),
      tags: [secret],
      metadata: { [secret]: secret, deep: { er: [secret] } },
      release: says('release'),
      environment: secret,
      attributes: { [secret]: secret },
    },
    async (_given: unknown) => {
      currentTrace()?.setUser(secret).addTags(says('tag')).setMetadata({ more: secret });
      currentTrace()?.setInput(secret).setOutput({ out: secret });
      currentSpan()
        ?.setAttribute(secret, secret)
        .addEvent(secret, { [secret]: secret })
        .addLink({
          context: { traceId: secret, spanId: secret, traceFlags: 1 },
          attributes: { a: secret },
        })
        .setStatus({ code: 2, message: secret })
        .recordError(new Thrown(secret))
        .recordError(new Thrown(secret))
        .updateName(secret);
      span(says('sync'), (value: unknown) => value)(argument);
      quiet(span('fails', fail));
      await span('rejects', async () => fail())().catch(() => undefined);
      for (const _ of span('generator', function* () {
        yield secret;
        yield { chunk: secret };
        return says('returned');
      })());
      for await (const _ of span('tokens', async function* () {
        for (let at = 0; at < secret.length; at += 5) yield secret.slice(at, at + 5);
      })());
      const stream = span('bytes', () => new Blob(['blob: ', secret]).stream())();
      await new Response(stream).text();
      await span({ name: 'tool', kind: 'tool' }, async (given: unknown) => given)(argument);
      await llm(secret, says);
      using step = startSpan({ name: secret, input: secret, attributes: { a: secret } });
      step.setOutput(secret);
      tracer.startActiveSpan(secret, { attributes: { [secret]: secret } }, (open) => {
        open.setAttribute('gen_ai.operation.name', 'chat');
        open.setAttribute('gen_ai.request.model', secret);
        open.setAttribute(
          'gen_ai.input.messages',
          JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: secret }] }]),
        );
        open.addEvent(secret, { text: secret });
        open.recordException(new Thrown(secret));
        open.end();
      });
      return argument;
    },
  )(argument);
  withSession({ id: 's', name: secret, metadata: { secret } }, () => span('own', () => secret)());
}

export async function llm(secret: string, says: (where: string) => string): Promise<void> {
  const call = {
    id: secret,
    type: 'function',
    function: { name: secret, arguments: `{"a":"${secret.replaceAll('\n', '\\n')}"}` },
  };
  await span({ name: 'llm', kind: 'llm' }, async (_request: unknown) => ({
    id: secret,
    object: 'chat.completion',
    model: secret,
    choices: [
      {
        index: 0,
        finish_reason: secret,
        message: { role: 'assistant', content: says('answer'), tool_calls: [call] },
      },
    ],
    usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
  }))({
    model: secret,
    tools: [{ description: secret }],
    messages: [
      { role: 'system', content: says('system') },
      {
        role: 'user',
        content: [
          { type: 'text', text: secret },
          { type: 'image_url', image_url: { url: secret } },
        ],
      },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: secret, name: secret, content: says('result') },
    ],
  });
}

/** All bytes that are sent to a test server. */
export async function sent(work: () => Promise<void>, options: InitOptions = {}): Promise<string> {
  let bytes = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bytes += plainBody(request.headers, Buffer.concat(chunks));
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    init({ name: 'canary', mode: 'prod', token: 't', endpoint, ...options });
    await work();
    expect((await flush()).pending).toBe(0);
  } finally {
    await shutdown({ timeoutMillis: 0 });
    server.closeAllConnections();
    server.close();
  }
  return bytes;
}
