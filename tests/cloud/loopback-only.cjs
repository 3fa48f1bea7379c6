// node --require ./loopback-only.cjs: every look-up of a name other than the loopback's fails at once,
// so that nothing under test can reach a real service.
const dns = require('node:dns');

const isLoopback = (host) => host === 'localhost' || host === '::1' || /^127\./.test(host);
const { lookup } = dns;

dns.lookup = (host, ...rest) => {
  if (!host || isLoopback(host)) return lookup.call(dns, host, ...rest);
  const refusal = Object.assign(new Error(`loopback-only: refused ${host}`), { code: 'ENOTFOUND' });
  return process.nextTick(rest.at(-1), refusal);
};
