/** A client of openai 7 that signs in by a certificate refuses to work if its `fetch` was replaced. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ONE_SET, type Program } from '../program.ts';
import { certificate } from '../provider/certificate.ts';
import { CHAT } from '../provider/chat.ts';

const signingIn = (isInstrumented: boolean): Program => ({
  name: `openai, a client with a certificate, ${isInstrumented ? 'instrumented' : 'by itself'}`,
  packages: ['openai', 'openai/auth/x509-transport'],
  sets: ONE_SET,
  init: { autoInstrument: !isInstrumented },
  async run({ load, agensight, attempt }) {
    const { OpenAI } = await load('openai');
    const { workloadIdentity } = await load('openai/auth/x509-transport');
    // Nothing leaves this machine: the proxy refuses each connection.
    const hosts: unknown[] = [];
    const proxy = createServer().on('connect', ({ url }, socket) => {
      hosts.push(url);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { certificate: certificateChain, privateKey } = certificate('host');
    const { port } = proxy.address() as AddressInfo;
    const credential = workloadIdentity.fromX509({
      certificateChain,
      privateKey,
      identityProviderId: 'idp_1',
      serviceAccountId: 'sa_1',
      proxy: { url: `http://127.0.0.1:${port}`, mode: 'http-connect' },
    });
    const got = await attempt(async () => {
      const options = { credential, project: null, maxRetries: 0, timeout: 2_000 };
      const openai = new OpenAI(options);
      if (isInstrumented) agensight.instrument(openai);
      await openai.chat.completions.create(CHAT);
    });
    await credential.close();
    proxy.close();
    return { got, hosts };
  },
});

export const programs: Program[] = [signingIn(true), signingIn(false)];
