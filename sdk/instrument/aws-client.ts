/**
 * Clients of the AWS SDK for JavaScript, which use `node:http`: a middleware records the commands of
 * Bedrock that call a model. It passes results and errors on as they are.
 */
import { utf8Text } from '../platform/utf8.ts';
import {
  attempt,
  type Fields,
  fieldOf,
  hasFields,
  isFunction,
  isInstance,
  isText,
} from '../platform/values.ts';
import type { Core } from './core.ts';
import { recordAttempts } from './model-call.ts';

/** What a middleware receives and returns. */
interface Step {
  readonly input?: unknown;
}
interface Result {
  readonly output?: unknown;
}
type Handler = (step: Step) => Promise<Result>;

const NAME = 'agensightMiddleware';

const COMMANDS: ReadonlySet<unknown> = new Set([
  'ConverseCommand',
  'ConverseStreamCommand',
  'InvokeModelCommand',
  'InvokeModelWithResponseStreamCommand',
]);

/**
 * Adds the middleware to a client of the AWS SDK. Returns whether the object is one.
 * @see https://aws.amazon.com/blogs/developer/middleware-stack-modular-aws-sdk-js/
 */
export function addMiddleware(core: Core, client: object): boolean {
  const stack = (client as Fields).middlewareStack;
  if (!hasFields(stack) || !isFunction(stack.add) || !isFunction((client as Fields).send)) {
    return false;
  }
  const middleware =
    (next: Handler, context: Fields): Handler =>
    (step) =>
      core.isActive() && COMMANDS.has(context?.commandName) ? record(core, next, step) : next(step);
  // `override` replaces the middleware of an earlier call.
  stack.add(middleware, { step: 'initialize', name: NAME, override: true });
  return true;
}

async function record(core: Core, next: Handler, step: Step): Promise<Result> {
  const request = requestOf(step.input);
  const model = fieldOf(request, 'model');
  const definition = core.define({
    name: isText(model) ? `chat ${model}` : 'chat',
    kind: 'llm',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'aws.bedrock',
      'gen_ai.request.model': model,
    },
  });
  const above = core.storage.getStore()?.span;
  let result: Result | undefined;
  const run = async (): Promise<unknown> => {
    const span = core.storage.getStore()?.span;
    if (span && span !== above && !span.call) {
      recordAttempts(span, [step.input], 'aws.bedrock', isText(model) ? model : null);
    }
    result = await next(step);
    const { attempts, requestId, httpStatusCode } = metadataOf(result);
    if (isText(requestId)) span?.setAttribute('agensight.request_id', requestId);
    span?.setAttribute('http.response.status_code', httpStatusCode);
    if (Number(attempts) > 1) span?.setAttribute('http.request.resend_count', Number(attempts) - 1);
    return replyOf(result.output);
  };
  await core.traced(definition, run, undefined, [request]);
  return result as Result;
}

const metadataOf = (result: Result): Fields => {
  const metadata = fieldOf(result.output, '$metadata');
  return hasFields(metadata) ? metadata : {};
};

/** The request: of `InvokeModel` its body, which is the JSON of the provider's own protocol. */
function requestOf(input: unknown): unknown {
  if (!hasFields(input)) return input;
  const { modelId, body, ...rest } = input;
  const parsed = jsonOf(body);
  return { model: modelId, ...(parsed ?? rest) };
}

/** The reply. A body that is a stream is read by the caller alone. */
const replyOf = (output: unknown): unknown => {
  const body = jsonOf(fieldOf(output, 'body'));
  if (body) return body;
  if (hasFields(output) && 'body' in output) return undefined;
  return output;
};

/** A JSON object in bytes or text; undefined for anything else. */
function jsonOf(body: unknown): Fields | undefined {
  const text = isInstance(body, Uint8Array) ? attempt(() => utf8Text(body)) : body;
  const parsed = isText(text) ? attempt(() => JSON.parse(text) as unknown) : undefined;
  return hasFields(parsed) ? parsed : undefined;
}
