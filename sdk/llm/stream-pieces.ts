/**
 * The events of each provider's stream, as pieces in the shape of the result that the provider returns
 * without streaming. `accumulator.ts` merges them.
 */
import { base64Bytes } from '../../wire/genai/provider/media.ts';
import { textOfPart } from '../../wire/genai/provider/tool-output.ts';
import { type Fields, fieldOf, hasFields, isList, isText, textOf } from '../platform/values.ts';

/** State of one stream that its pieces depend on. */
export class StreamState {
  /** The result so far. */
  result: Fields | undefined;
  /** The place of each streamed tool call of a choice, by the index in its pieces, and its id. */
  readonly #calls = new Map<string, { at: number; id: string | null }>();
  readonly #counts = new Map<number, number>();
  #latest = '';
  /** Bytes of speech of each choice, whose data is not kept. */
  readonly #speech = new Map<number, number>();

  /** The bytes of speech of a choice, with those of one more piece. */
  speechBytes(choice: number, piece: unknown): number {
    const bytes = (this.#speech.get(choice) ?? 0) + (isText(piece) ? base64Bytes(piece, 0) : 0);
    this.#speech.set(choice, bytes);
    return bytes;
  }

  /**
   * The place of a piece of a tool call. Calls are told apart by their index, and by their id where a
   * server sends each of its calls with the same index, or none.
   */
  placeOf(choice: number, index: unknown, id: string | null, isNamed: boolean): number {
    const key = index === undefined ? this.#latest : `${choice} ${index}`;
    const known = this.#calls.get(key);
    const isNew = id !== null && known?.id !== null && known?.id !== id && isNamed;
    const isUnplaced = index === undefined && isNamed && id === null;
    if (known && !isNew && !isUnplaced) {
      known.id ??= id;
      return known.at;
    }
    const at = this.#counts.get(choice) ?? 0;
    this.#counts.set(choice, at + 1);
    this.#latest = index === undefined ? `${choice} new ${at}` : key;
    this.#calls.set(this.#latest, { at, id });
    return at;
  }
}

/** Replaces the result in place of being merged into it. */
export interface Piece {
  readonly fields: Fields;
  readonly replaces?: 'result' | 'item';
}

/** The piece of an event; undefined for an item that is not an event of a known stream. */
export function pieceOf(item: Fields, state: StreamState, isDeclared: boolean): Piece | undefined {
  const { type, choices, error, usage, object } = item;
  if (isList(choices)) {
    if (choices[0]?.message) return undefined;
    // Groq has the usage in a field of its own, on the last chunk.
    const counted = usage ?? fieldOf(item.x_groq, 'usage');
    const said = choices.map((one, at) => choiceOf(one, at, state));
    return { fields: { ...item, choices: said, usage: counted } };
  }
  if (isList(item.candidates))
    return { fields: { ...item, candidates: candidatesOf(item, state) } };
  if (isText(type)) {
    const piece = type.startsWith('response.')
      ? responsesPiece(item, type)
      : (anthropicPiece(item, type) ?? mediaPiece(item, type));
    if (piece) return piece;
    // OpenAI: {type: 'error', code, message}; Anthropic: {type: 'error', error}
    if (type === 'error' && (state.result || isDeclared))
      return { fields: { error: error ?? item } };
  }
  const bedrock = bedrockPiece(item);
  if (bedrock) return bedrock;
  // Gateways send the usage in a chunk without choices.
  if (isList(state.result?.choices) && hasFields(usage)) return { fields: item };
  if (isText(object) && object.endsWith('.chunk')) return { fields: item };
  if (hasFields(error) && (state.result || isDeclared)) return { fields: { error } };
  return undefined;
}

/** OpenAI chat: `{index, delta: {content, reasoning_content, tool_calls, audio}, finish_reason}`. */
function choiceOf(choice: unknown, position: number, state: StreamState): unknown {
  if (!hasFields(choice)) return choice;
  const { delta, index = position } = choice;
  if (!hasFields(delta)) return { ...choice, index };
  const { content, tool_calls, audio } = delta;
  if (!isList(content) && !isList(tool_calls) && !hasFields(audio)) return { ...choice, index };
  const given: Fields = { ...delta };
  if (isList(content)) Object.assign(given, { content: undefined }, piecesOfParts(content));
  if (hasFields(audio)) {
    const { id, transcript, data } = audio;
    const byteLength = state.speechBytes(Number(index), data) || undefined;
    given.audio = { id, transcript, byteLength };
  }
  if (isList(tool_calls)) {
    given.tool_calls = tool_calls.filter(hasFields).map((call) => {
      const called = call.function ?? call.custom;
      const id = textOf(call.id);
      const isNamed = textOf(fieldOf(called, 'name')) !== null;
      const at = state.placeOf(Number(index), call.index, id, isNamed);
      return { ...call, index: at };
    });
  }
  return { ...choice, index, delta: given };
}

/** Mistral streams a list of parts first, and plain text after it. */
function piecesOfParts(parts: readonly unknown[]): Fields {
  const pieces: { [key: string]: string | unknown[] } = {};
  const add = (key: string, text: string): void => {
    pieces[key] = `${pieces[key] ?? ''}${text}`;
  };
  for (const part of parts) {
    const text = fieldOf(part, 'text');
    const thinking = fieldOf(part, 'thinking');
    if (isText(part)) add('content', part);
    else if (isText(text)) add('content', text);
    else if (isText(thinking)) add('reasoning_content', thinking);
    else if (isList(thinking)) add('reasoning_content', thinking.map(textOfPart).join(''));
    else pieces.more_parts = [...(pieces.more_parts ?? []), part];
  }
  return pieces;
}

/** Gemini's parts have no index: a text continues the previous text of the same kind. */
function candidatesOf({ candidates }: Fields, { result }: StreamState): unknown[] {
  return (candidates as Fields[]).filter(hasFields).map((candidate, at) => {
    const index = (candidate.index as number | undefined) ?? at;
    const content = candidate.content as { parts?: Fields[] } | undefined;
    const known = fieldOf((result?.candidates as unknown[] | undefined)?.[index], 'content');
    const list = (fieldOf(known, 'parts') ?? []) as Fields[];
    let last = list.at(-1);
    let end = list.length - 1;
    const parts = content?.parts?.map((part) => {
      const continues = isText(part.text) && isText(last?.text) && !part.thought === !last.thought;
      if (!continues) end += 1;
      last = part;
      return { ...part, index: end };
    });
    return { ...candidate, index, content: content && { ...content, parts } };
  });
}

function anthropicPiece(item: Fields, type: string): Piece | undefined {
  const { index, delta, content_block: block, message } = item;
  if (type === 'message_start' && hasFields(message)) return { fields: message };
  if (type === 'message_delta' && hasFields(delta)) {
    return { fields: { ...delta, usage: item.usage } };
  }
  if (type === 'message_stop' || type === 'content_block_stop') return { fields: {} };
  if (hasFields(block)) return { fields: { content: [{ ...block, index }] } };
  if (type !== 'content_block_delta' || !hasFields(delta)) return undefined;
  const { citation, type: _, ...rest } = delta;
  const given = citation === undefined ? rest : { citations: [citation] };
  return { fields: { content: [{ ...given, index }] } };
}

/** The field of an output item that an event of the Responses API continues, by the event's type. */
const ITEM_TEXTS: readonly (readonly [event: RegExp, field: string])[] = [
  [/arguments\.delta$/, 'arguments'],
  [/custom_tool_call_input\.delta$/, 'input'],
  [/call_code\.delta$/, 'code'],
];

/** The same, for events that continue one part of an item. */
const PART_TEXTS: readonly (readonly [event: RegExp, list: string, type: string, field: string])[] =
  [
    [/output_text\.delta$/, 'content', 'output_text', 'text'],
    [/refusal\.delta$/, 'content', 'refusal', 'refusal'],
    [/reasoning_summary_text\.delta$/, 'summary', 'summary_text', 'text'],
    [/reasoning_text\.delta$/, 'content', 'reasoning_text', 'text'],
  ];

/** Each event of OpenAI's Responses API that has the whole response replaces the result. */
function responsesPiece(event: Fields, type: string): Piece {
  const { response, item, delta, annotation, output_index } = event;
  if (hasFields(response)) return { fields: response, replaces: 'result' };
  if (hasFields(item)) {
    return { fields: { output: [{ ...item, index: output_index }] }, replaces: 'item' };
  }
  const piece = (fields: Fields): Piece => ({
    fields: { output: [{ ...fields, index: output_index }] },
  });
  if (hasFields(annotation)) {
    return piece({ content: [{ annotations: [annotation], index: event.content_index }] });
  }
  if (!isText(delta)) return { fields: {} };
  for (const [pattern, field] of ITEM_TEXTS)
    if (pattern.test(type)) return piece({ [field]: delta });
  for (const [pattern, list, partType, field] of PART_TEXTS) {
    if (!pattern.test(type)) continue;
    const index = event.content_index ?? event.summary_index;
    return piece({ [list]: [{ type: partType, [field]: delta, index }] });
  }
  return { fields: {} };
}

/** Amazon Bedrock's ConverseStream: one key names the event. */
function bedrockPiece(item: Fields): Piece | undefined {
  const { messageStart, contentBlockStart, contentBlockDelta, messageStop, metadata } = item;
  if (hasFields(messageStart)) return { fields: { output: { message: messageStart } } };
  const block = hasFields(contentBlockStart) ? contentBlockStart : contentBlockDelta;
  if (hasFields(block) && 'contentBlockIndex' in block) {
    const given = block.start ?? block.delta;
    const part = hasFields(given) ? bedrockPart(given) : {};
    const content = [{ ...part, index: block.contentBlockIndex }];
    return { fields: { output: { message: { content } } } };
  }
  if (hasFields(item.contentBlockStop)) return { fields: {} };
  if (hasFields(messageStop)) return { fields: messageStop };
  if (hasFields(metadata) && hasFields(metadata.usage))
    return { fields: { usage: metadata.usage } };
  for (const key in item) {
    if (/(Exception|Error)$/.test(key) && hasFields(item[key])) {
      return { fields: { error: { type: key, message: fieldOf(item[key], 'message') } } };
    }
  }
  return undefined;
}

/** A whole answer has the text of reasoning one level deeper, and a list of citations. */
function bedrockPart(given: Fields): Fields {
  const { reasoningContent, citation } = given;
  if (hasFields(citation)) return { citations: [citation] };
  if (!hasFields(reasoningContent)) return given;
  const { redactedContent, ...reasoningText } = reasoningContent;
  if (redactedContent != null) return { reasoningContent: { redactedContent } };
  return { reasoningContent: { reasoningText } };
}

/** OpenAI's streams of transcriptions, speech and images. */
function mediaPiece({ delta, text, usage, b64_json }: Fields, type: string): Piece | undefined {
  if (type === 'transcript.text.delta') return { fields: { type: 'transcript', text: delta } };
  if (type === 'transcript.text.done') {
    return { fields: { type: 'transcript', text, usage }, replaces: 'result' };
  }
  if (type === 'speech.audio.done') return { fields: { type: 'speech', usage } };
  if (type === 'speech.audio.delta') return { fields: { type: 'speech' } };
  if (/^image_(generation|edit)\.completed$/.test(type)) {
    return { fields: { object: 'image', data: [{ b64_json }], usage } };
  }
  return /^image_\w+\.partial_image$/.test(type) ? { fields: {} } : undefined;
}
