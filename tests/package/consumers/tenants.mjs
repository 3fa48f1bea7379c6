/** Two projects in one process, at the same time. */
import { createAgensight } from 'agensight';
import { createConversation } from './conversation.mjs';

const tenants = ['first', 'second'].map((token) =>
  createAgensight({ name: token, mode: 'prod', token }),
);
const answers = await Promise.all(
  tenants.map((tenant) =>
    createConversation(`${process.env.PROVIDER}/v1`, tenant)('How warm is it?'),
  ),
);
process.stdout.write(`${JSON.stringify(answers)}\n`);
