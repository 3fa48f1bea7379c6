/** A certificate that signs itself, made anew in each run, so that no key is stored. */
import { generateKeyPairSync, sign } from 'node:crypto';

const OID = 0x06;
const INTEGER = 0x02;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const BIT_STRING = 0x03;
const SEQUENCE = 0x30;
const SET = 0x31;
const VERSION = 0xa0;
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const COMMON_NAME = [0x55, 0x04, 0x03];

export function certificate(commonName: string): { certificate: string; privateKey: string } {
  const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = list(SEQUENCE, der(OID, ECDSA_WITH_SHA256));
  const attribute = list(
    SEQUENCE,
    der(OID, COMMON_NAME),
    der(UTF8_STRING, Buffer.from(commonName)),
  );
  const name = list(SEQUENCE, list(SET, attribute));
  const validity = list(SEQUENCE, time('20200101000000Z'), time('20991231235959Z'));
  const signed = list(
    SEQUENCE,
    list(VERSION, der(INTEGER, [2])),
    der(INTEGER, [1]),
    algorithm,
    name,
    validity,
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', signed, keys.privateKey);
  const whole = list(SEQUENCE, signed, algorithm, der(BIT_STRING, [0, ...signature]));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    privateKey: String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

const time = (text: string): Buffer => der(GENERALIZED_TIME, Buffer.from(text));
const list = (tag: number, ...parts: Buffer[]): Buffer => der(tag, Buffer.concat(parts));

/** A value with its tag and length. */
function der(tag: number, content: Iterable<number>): Buffer {
  const bytes = Buffer.from([...content]);
  const { length } = bytes;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), bytes]);
}
