/** `docs/errors.md`: the catalogue of error codes. */
import { ERROR_CODES, type ErrorArea } from '../../wire/errors.ts';

const SECTIONS: Record<ErrorArea, { title: string; text: string }> = {
  http: {
    title: 'HTTP answers of the ingest endpoint',
    text: 'The body is `{"error": {"code", "message"}}`; OTLP routes answer with `google.rpc.Status` instead, which has the message and a gRPC code. Retryable answers have a `retry-after` header with seconds.',
  },
  sdk: {
    title: 'SDK: OptionsError',
    text: '`init()` throws an `OptionsError` with `code` and `option`. Nothing else in the SDK throws.',
  },
  config: {
    title: 'Functions: ConfigError',
    text: 'Written into the log at start-up. The ingest function answers 503 `unavailable` meanwhile; the invocation of drain and maintain fails.',
  },
  cli: {
    title: 'Commands: CliError',
    text: '`npx agensight` prints the message with a hint and exits with a code other than 0.',
  },
};

/** The document: one table for each area. */
export function errorDocs(): string {
  const lines = [
    '# Error codes',
    '',
    'Generated from `wire/errors.ts` by `npm run types`; tests hold it to what is really answered and thrown.',
  ];
  for (const [area, { title, text }] of Object.entries(SECTIONS)) {
    const errors = Object.entries(ERROR_CODES[area as ErrorArea]);
    const isHttp = area === 'http';
    lines.push('', `## ${title}`, '', text, '');
    lines.push(
      isHttp
        ? '| code | status | retryable | meaning | what to do |'
        : '| code | meaning | what to do |',
    );
    lines.push(isHttp ? '| --- | --- | --- | --- | --- |' : '| --- | --- | --- |');
    for (const [code, { meaning, hint, ...http }] of errors) {
      const columns =
        'status' in http ? [String(http.status), http.isRetryable ? 'yes' : 'no'] : [];
      lines.push(`| ${[`\`${code}\``, ...columns, meaning, hint].join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
