/** A reply in both forms: whole, and as the events of a stream. */

/** Cuts a text into pieces anywhere. */
export type Cut = (text: string) => readonly string[];

export interface ReplyForm {
  readonly whole: object;
  readonly events: (cut: Cut) => readonly object[];
}

/** A source of a text, as OpenAI writes it. */
export const source = (n: number): object => ({
  type: 'url_citation',
  url_citation: { url: `https://weather.example/${n}`, start_index: 0, end_index: 4 },
});

export const THOUGHT = 'Let me think about it.';
export const ANSWER = 'It is warm. 🌞';
export const ARGUMENTS = '{"city":"Málaga"}';
