/** A server that accepts every export immediately, in a separate process; it counts bytes and requests. */
import { createServer } from 'node:http';

const counts = { requests: 0, bytes: 0 };

const server = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => {
    counts.bytes += chunk.length;
  });
  request.on('end', () => {
    if (request.method === 'GET') {
      response.end(JSON.stringify(counts));
      return;
    }
    counts.requests += 1;
    const json = request.headers['content-type']?.includes('json');
    response.writeHead(200, {
      'content-type': json ? 'application/json' : 'application/x-protobuf',
    });
    response.end(json ? '{"stored":{},"rejected":[],"rejected_count":0}' : undefined);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.send?.(address.port);
});
