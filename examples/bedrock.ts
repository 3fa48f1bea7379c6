/**
 * Amazon Bedrock: the Converse API. `span` recognises its requests and answers by their shape.
 *
 *     AWS_REGION=eu-central-1 node examples/bedrock.ts
 */
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
} from '@aws-sdk/client-bedrock-runtime';
// In your program, import from 'agensight'.
import { flush, init, span, trace } from '../sdk/index.ts';

init({ name: 'bedrock-bot' });
const bedrock = new BedrockRuntimeClient();

const converse = span({ name: 'converse', kind: 'llm' }, (input: ConverseCommandInput) =>
  bedrock.send(new ConverseCommand(input)),
);

const ask = trace('ask', async (question: string) => {
  const { output } = await converse({
    modelId: 'eu.amazon.nova-lite-v1:0',
    system: [{ text: 'Answer in one sentence.' }],
    messages: [{ role: 'user', content: [{ text: question }] }],
    inferenceConfig: { maxTokens: 200 },
  });
  return output?.message?.content?.[0]?.text;
});

export async function main(): Promise<void> {
  console.log(await ask('How warm is it?'));
  console.log(await flush());
}

if (import.meta.main) await main();
