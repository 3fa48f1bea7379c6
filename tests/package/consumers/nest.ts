/** A small NestJS application: decorators of ours above and below Nest's, and what Nest does with them. */
import 'reflect-metadata';
import {
  Body,
  type CallHandler,
  type CanActivate,
  Controller,
  Delete,
  type ExecutionContext,
  Get,
  Header,
  HttpCode,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestInterceptor,
  type NestModule,
  NotFoundException,
  Param,
  Post,
  SetMetadata,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
// biome-ignore lint/style/useImportType: the compiler leaves the class as metadata, for Nest to inject
import { NestFactory, Reflector } from '@nestjs/core';
import { currentSpan, flush, init, span, trace, withSession } from 'agensight';
import { Memory } from './service.ts';

@Injectable()
class TripService {
  // Nest finds the parameter by the type that the compiler leaves as metadata.
  constructor(private readonly memory: Memory) {}

  @span({ kind: 'tool' })
  async find(city: string): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    return this.memory.recall(city);
  }
}

@Injectable()
class RoleGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    // What SetMetadata left on the method, whether ours stands above or below it.
    return this.reflector.get<string>('role', context.getHandler()) === 'guest';
  }
}

@Injectable()
class TagInterceptor implements NestInterceptor {
  @span('intercept')
  intercept(_: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    currentSpan()?.setAttribute('intercepted', true);
    return next.handle();
  }
}

@Controller('trips')
class TripController {
  constructor(private readonly trips: TripService) {}

  @trace({ name: 'above' })
  @SetMetadata('role', 'guest')
  @UseGuards(RoleGuard)
  @Header('x-by', 'nest')
  @Get('above/:city')
  above(@Param('city') city: string): Promise<string> {
    return this.trips.find(city);
  }

  @Get('below/:city')
  @SetMetadata('role', 'guest')
  @UseGuards(RoleGuard)
  @UseInterceptors(TagInterceptor)
  @trace({ name: 'below' })
  below(@Param('city') city: string): Promise<string> {
    return this.trips.find(city);
  }

  @Post()
  @HttpCode(202)
  @trace
  create(@Body() body: { city: string }): { stored: string } {
    return { stored: body.city };
  }

  @Delete(':city')
  @SetMetadata('role', 'admin')
  @UseGuards(RoleGuard)
  @trace('forbidden')
  remove(@Param('city') city: string): string {
    return city;
  }

  @trace('missing')
  @Get('missing')
  missing(): never {
    throw new NotFoundException('no such trip');
  }
}

@Module({
  controllers: [TripController],
  providers: [TripService, Memory, RoleGuard, TagInterceptor],
})
class AppModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply((request: { headers: Record<string, string> }, _: unknown, next: () => void) =>
        withSession(request.headers['x-session'] ?? 'none', next),
      )
      .forRoutes('{*path}');
  }
}

init({ name: 'nest', mode: 'prod' });
const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
const url = await app.getUrl();

async function ask(path: string, session: string, init: RequestInit = {}): Promise<unknown[]> {
  const headers = { 'content-type': 'application/json', 'x-session': session };
  const response = await fetch(`${url}/trips${path}`, { ...init, headers });
  return [response.status, response.headers.get('x-by'), await response.text()];
}

const answers = {
  above: await ask('/above/Porto', 'a'),
  below: await ask('/below/Lagos', 'b'),
  create: await ask('', 'c', { method: 'POST', body: '{"city":"Faro"}' }),
  remove: await ask('/Faro', 'd', { method: 'DELETE' }),
  missing: await ask('/missing', 'e'),
  many: await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      ask(`/${i % 2 ? 'above' : 'below'}/city-${i}`, `session-${i}`),
    ),
  ),
};
const { prototype } = TripController;
const kept = {
  name: prototype.above.name,
  length: prototype.above.length,
  types: (Reflect.getMetadata('design:paramtypes', TripService) as { name: string }[]).map(
    (one) => one.name,
  ),
};
const { pending } = await flush();
await app.close();
process.stdout.write(JSON.stringify({ answers, kept, pending }));
