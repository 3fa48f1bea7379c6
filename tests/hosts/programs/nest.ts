/** NestJS: handlers that answer with JSON, with events and with an Observable, decorated without a compiler. */

import type { Host, Program } from '../program.ts';
import { ANSWER, answered, CHAT } from '../provider/chat.ts';
import type { Json } from '../provider/server.ts';
import { some } from '../row-checks.ts';

/** The class of a controller, its methods decorated as a compiler would do it. */
async function controller({ load, agensight, provider }: Host): Promise<Json> {
  const { Controller, Get, Param, Sse, HttpException } = await load('@nestjs/common');
  const { OpenAI } = await load('openai');
  const { concatMap, from } = await load('rxjs');
  const { url } = await provider(answered);
  const openai = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` });
  const ask = async () => (await openai.chat.completions.create(CHAT)).choices[0].message.content;
  class Weather {
    declare kept: string;
    async whole(city: string) {
      return { city, answer: await ask() };
    }
    events() {
      return from(['A', 'B']).pipe(
        concatMap(async (city: string) => ({ data: [city, await ask()] })),
      );
    }
    fails() {
      throw new HttpException('no such city', 404);
    }
  }
  const decorate = (name: keyof Weather, ...decorators: Json[]) => {
    for (const decorator of decorators) {
      const descriptor = Object.getOwnPropertyDescriptor(Weather.prototype, name);
      const made = decorator(Weather.prototype, name, descriptor);
      Object.defineProperty(Weather.prototype, name, made ?? descriptor);
    }
  };
  decorate('whole', agensight.trace('whole'), Get('whole/:city'));
  decorate('events', agensight.trace('events'), Sse('events'));
  decorate('fails', agensight.trace('fails'), Get('fails'));
  Param('city')(Weather.prototype, 'whole', 0);
  Controller()(Weather);
  return Weather;
}

export const programs: Program[] = [
  {
    name: 'NestJS, JSON, events and an exception of decorated handlers',
    packages: [
      'reflect-metadata',
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/platform-express',
      'openai',
      'rxjs',
    ],
    async run(host) {
      const { Module } = await host.load('@nestjs/common');
      const { NestFactory } = await host.load('@nestjs/core');
      class App {}
      Module({ controllers: [await controller(host)] })(App);
      const app = await NestFactory.create(App, { logger: false });
      await app.listen(0, '127.0.0.1');
      const url = `http://127.0.0.1:${app.getHttpServer().address().port}`;
      const seen = [];
      for (const path of ['whole/A', 'events', 'fails', 'none']) {
        const response = await fetch(`${url}/${path}`);
        seen.push([path, response.status, await response.text()]);
      }
      await app.close();
      return seen;
    },
    rows: [
      {
        table: 'traces',
        are: [
          { name: 'whole', status: 'ok', ended_at: some },
          { name: 'events', status: 'ok', ended_at: some, total_tokens: 36 },
          { name: 'fails', status: 'error' },
        ],
      },
      {
        table: 'completions',
        are: [{ content: ANSWER }, { content: ANSWER }, { content: ANSWER }],
      },
    ],
  },
];
