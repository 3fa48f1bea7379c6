/** The conversation in a process of its own. */
import { init } from 'agensight';
import { createConversation } from './conversation.mjs';

init({ name: 'conversation', mode: 'prod' });
const converse = createConversation(`${process.env.PROVIDER}/v1`);
process.stdout.write(`${JSON.stringify(await converse('How warm is it?'))}\n`);
