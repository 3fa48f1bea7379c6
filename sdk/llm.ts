/**
 * The LLM facts of a call, read from the shape of its arguments and its result. Each shape has its
 * file, `shape-*.ts`; a new one is added to the list here.
 */
import { snapshot, snapshotArguments } from './capture.ts';
import { type CallHints, Prompt, type ReadReply, type Reply } from './llm-facts.ts';
import { fieldOf, isObject, textOf } from './objects.ts';
import { isTextOnly, readMessages } from './shape-messages.ts';
import { readOpenAiChat } from './shape-openai-chat.ts';
import { readPlain } from './shape-plain.ts';

const SHAPES: readonly ReadReply[] = [readOpenAiChat, readPlain];

/** Where the messages stood: the only argument, the first of two or more, or a field of it. */
type Place = 'only' | 'first of two' | 'first of many' | 'field';

/** The arguments of a call that carries messages, split so that no byte is kept twice. */
export class LlmRequest {
  declare readonly prompts: Prompt[];
  declare readonly model: string | null;
  /** JSON text of the arguments without the messages; null when there was nothing else. */
  declare readonly rest: string | null;
  readonly #place: Place;
  /** JSON text of the messages; null when the prompts say everything that was in them. */
  readonly #messages: string | null;

  constructor(
    prompts: Prompt[],
    model: string | null,
    rest: string | null,
    place: Place,
    messages: string | null,
  ) {
    this.prompts = prompts;
    this.model = model;
    this.rest = rest;
    this.#place = place;
    this.#messages = messages;
  }

  /** The arguments as they were, for a span that turned out to be no LLM call. */
  inputJson(): string | null {
    const messages =
      this.#messages ?? snapshot(this.prompts.map(({ role, content }) => ({ role, content })));
    const rest = this.rest ?? 'null';
    switch (this.#place) {
      case 'only':
        return messages;
      case 'first of two':
        return `[${messages},${rest}]`;
      case 'first of many':
        return `[${messages},${rest.slice(1)}`;
      case 'field':
        return rest.startsWith('{"')
          ? `{"messages":${messages},${rest.slice(1)}`
          : `{"messages":${messages}}`;
    }
  }
}

/**
 * The messages among the arguments: the first argument, or its field `messages`; of a declared LLM
 * call also a bare text. Undefined when there are none.
 */
export function readRequest(
  args: readonly unknown[],
  isDeclared: boolean,
  keepsContent: boolean,
): LlmRequest | undefined {
  const first = args[0];
  if (typeof first === 'string' && isDeclared && first !== '') {
    const prompt = new Prompt();
    prompt.role = 'user';
    prompt.content = keepsContent ? first : null;
    const rest = keepsContent ? snapshotArguments(args.slice(1)) : null;
    return new LlmRequest([prompt], null, rest, 'only', null);
  }
  if (!isObject(first)) return undefined;
  const isList = Array.isArray(first);
  const list = isList ? first : (first as { messages?: unknown }).messages;
  const prompts = readMessages(list);
  if (prompts === undefined) return undefined;
  const model = isList ? null : textOf(fieldOf(first, 'model'));
  if (!keepsContent) {
    for (const prompt of prompts) prompt.forgetContent();
    return new LlmRequest(prompts, model, null, 'only', null);
  }
  // Messages of text alone can be rebuilt from the prompts; a declared LLM call has no need of it.
  const messages = isDeclared || isTextOnly(list as object[]) ? null : snapshot(list);
  if (!isList) {
    return new LlmRequest(prompts, model, withoutMessages(first), 'field', messages);
  }
  if (args.length === 1) return new LlmRequest(prompts, model, null, 'only', messages);
  const place = args.length === 2 ? 'first of two' : 'first of many';
  return new LlmRequest(prompts, model, snapshotArguments(args.slice(1)), place, messages);
}

/** The reply, by the first shape that knows it; undefined when none does. */
export function readReply(
  result: unknown,
  hints: CallHints,
  keepsContent: boolean,
): Reply | undefined {
  for (const read of SHAPES) {
    const reply = read(result, hints);
    if (reply === undefined) continue;
    if (!keepsContent) {
      for (const completion of reply.completions) completion.forgetContent();
      for (const tool of reply.tools ?? []) tool.forgetContent();
    }
    return reply;
  }
  return undefined;
}

function withoutMessages(request: object): string | null {
  const { messages: _, ...others } = request as { messages?: unknown };
  return Object.keys(others).length === 0 ? null : snapshot(others);
}
