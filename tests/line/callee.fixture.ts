/** The called process: a server, and a function that gets messages as Lambda hands them over. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { currentTrace, extract, flush, init, span, trace } from '../../sdk/index.ts';

init({ name: 'callee', mode: 'prod' });

const think = span('think', async (question: string) => `no ${question}`);
const answer = trace('answer', (question: string) => think(question));
const work = trace('work', async (body: string) => {
  currentTrace()?.addTags('queued');
  return think(body);
});

interface SqsRecord {
  readonly body: string;
  readonly messageAttributes: object;
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', async () => {
    const body = Buffer.concat(chunks).toString();
    if (request.url === '/messages') {
      const { Records } = JSON.parse(body) as { Records: SqsRecord[] };
      for (const record of Records) await extract(record, () => work(record.body));
      response.end('done');
    } else {
      response.end(await extract(request.headers, () => answer(body)));
    }
    await flush();
    if (request.url === '/messages') process.exit(0);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
