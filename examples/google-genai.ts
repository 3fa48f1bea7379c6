/**
 * Google Gemini: an answer and a stream.
 *
 *     GEMINI_API_KEY=… node examples/google-genai.ts
 */
import { GoogleGenAI } from '@google/genai';
// In your program, import from 'agensight'.
import { flush, init, instrument, trace } from '../sdk/index.ts';

init({ name: 'gemini-bot' });
const gemini = instrument(new GoogleGenAI({}));
const model = 'gemini-2.5-flash';

const ask = trace('ask', async (question: string) => {
  const config = { systemInstruction: 'Answer in one sentence.', maxOutputTokens: 200 };
  const answer = await gemini.models.generateContent({ model, contents: question, config });
  return answer.text;
});

const describe = trace('describe', async (topic: string) => {
  const contents = `A sentence about ${topic}.`;
  let text = '';
  for await (const chunk of await gemini.models.generateContentStream({ model, contents })) {
    text += chunk.text ?? '';
  }
  return text;
});

export async function main(): Promise<void> {
  console.log(await ask('How warm is it?'));
  console.log(await describe('the sea'));
  console.log(await flush());
}

if (import.meta.main) await main();
