import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { span } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';
import { collect, duration } from '../support/stream-reading.ts';

describe('a web stream', () => {
  const texts = (pulled: string[] = []) =>
    new ReadableStream<string>(
      {
        pull(controller) {
          const text = `t${pulled.length}`;
          pulled.push(text);
          if (pulled.length > 3) controller.close();
          else controller.enqueue(text);
        },
      },
      { highWaterMark: 0 },
    );

  it('supports every way to read it', async () => {
    let unread: ReadableStream | undefined;
    const { spans } = await recorded(async () => {
      const make = span('f', () => texts());
      unread = make();
      expect(unread).toBeInstanceOf(ReadableStream);
      expect(await collect(make() as never)).toEqual(['t0', 't1', 't2']);
      const [one, other] = make().tee();
      expect(await Promise.all([collect(one as never), collect(other as never)])).toEqual([
        ['t0', 't1', 't2'],
        ['t0', 't1', 't2'],
      ]);
      const encoded = make().pipeThrough(new TextEncoderStream());
      expect(await new Response(encoded).text()).toBe('t0t1t2');
    });
    const outputs = spans.map(({ output }) => output);
    expect(outputs).toEqual(Array(3).fill(['t0', 't1', 't2']));
    // Referenced until here, because garbage collection of a stream ends its span.
    expect(unread?.locked).toBe(false);
  });

  it('is read on demand only', async () => {
    const pulled: string[] = [];
    await recorded(async () => {
      const reader = span('f', () => texts(pulled))().getReader();
      await sleep(5);
      expect(pulled).toEqual([]);
      await reader.read();
      await sleep(5);
      expect(pulled).toEqual(['t0']);
      await reader.cancel();
    });
  });

  it('passes on cancellation and errors', async () => {
    let reason: unknown;
    const { spans } = await recorded(async () => {
      const endless = () =>
        new ReadableStream({
          pull: (controller) => controller.enqueue('a'),
          cancel: (given) => {
            reason = given;
          },
        });
      await span('cancelled', endless)().cancel('enough');
      const failing = () =>
        new ReadableStream({
          pull: () => {
            throw new Error('cable');
          },
        });
      await expect(span('failing', failing)().getReader().read()).rejects.toThrow('cable');
    });
    expect(reason).toBe('enough');
    expect(spans.map(({ name, status }) => [name, status])).toEqual([
      ['cancelled', 'ok'],
      ['failing', 'error'],
    ]);
  });
});

describe('a response', () => {
  async function served(read: (response: Response) => unknown): Promise<unknown> {
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.write('{"a":');
      setTimeout(() => response.end('1}'), 30);
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { spans } = await recorded(async () => {
      const response = await span('fetch', () => fetch(url))();
      expect(response).toBeInstanceOf(Response);
      expect(response.url).toBe(url);
      await read(response);
    });
    await new Promise((resolve) => server.close(resolve));
    expect(duration(spans[0])).toBeGreaterThan(20);
    return spans[0]?.output;
  }

  it('ends its span when its body was read at once', async () => {
    const output = await served(async (response) => {
      expect(await response.json()).toEqual({ a: 1 });
      expect(response.bodyUsed).toBe(true);
    });
    expect(output).toEqual({ a: 1 });
  });

  it('ends its span when its body was read in chunks, also as bytes', async () => {
    const output = await served(async (response) => {
      const reader = response.body?.getReader({ mode: 'byob' });
      const decoder = new TextDecoder();
      let text = '';
      for (;;) {
        const step = await reader?.read(new Uint8Array(64));
        if (!step || step.done) break;
        text += decoder.decode(step.value, { stream: true });
      }
      expect(text).toBe('{"a":1}');
    });
    expect(output).toBe('{"a":1}');
  });

  it('that the program created is not followed', async () => {
    const { spans } = await recorded(async () => {
      expect(await span('f', () => Response.json({ a: 1 }))().json()).toEqual({ a: 1 });
    });
    expect(spans).toHaveLength(1);
  });
});
