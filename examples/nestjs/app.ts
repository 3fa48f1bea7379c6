/**
 * NestJS: `@trace` and `@span` decorate the methods of providers; an interceptor sets the session of each
 * request. Nest compiles with `experimentalDecorators`, which both decorators support.
 */
import 'reflect-metadata';
import {
  Body,
  type CallHandler,
  Controller,
  type ExecutionContext,
  Headers,
  Inject,
  Injectable,
  Module,
  type NestInterceptor,
  Post,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import OpenAI from 'openai';
import { Observable } from 'rxjs';
// In your program, import from 'agensight'.
import { flush, init, instrument, span, trace, withSession } from '../../sdk/index.ts';

init({ name: 'nest-app' });

@Injectable()
class Assistant {
  readonly #openai = instrument(new OpenAI());

  @trace({ name: 'answer', tags: ['nest'] })
  async answer(question: string): Promise<string> {
    const facts = await this.search(question);
    const content = `${facts.join('\n')}\n\n${question}`;
    const messages = [{ role: 'user' as const, content }];
    const answer = await this.#openai.chat.completions.create({ model: 'gpt-4o-mini', messages });
    return answer.choices[0]?.message.content ?? '';
  }

  @span({ kind: 'retriever' })
  async search(words: string): Promise<string[]> {
    return [`Something about: ${words}`];
  }
}

/** Runs the handling of a request with the session of its header. */
@Injectable()
class SessionInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    const session = { id: headers['x-chat-id'] ?? '' };
    return new Observable((subscriber) =>
      withSession(session, () => next.handle().subscribe(subscriber)),
    );
  }
}

@Controller('chat')
@UseInterceptors(SessionInterceptor)
class ChatController {
  readonly #assistant: Assistant;

  constructor(@Inject(Assistant) assistant: Assistant) {
    this.#assistant = assistant;
  }

  @Post()
  async chat(@Body() body: { question: string }, @Headers('x-chat-id') chat: string) {
    return { chat, answer: await this.#assistant.answer(body.question) };
  }
}

@Module({ controllers: [ChatController], providers: [Assistant] })
class AppModule {}

/** Starts the application, sends it one request, and stops it. */
export async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  await app.listen(0, '127.0.0.1');
  const response = await fetch(`${await app.getUrl()}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-chat-id': 'chat_1' },
    body: JSON.stringify({ question: 'How warm is it?' }),
  });
  console.log(await response.json());
  await app.close();
  console.log(await flush());
}

if (import.meta.main) await main();
