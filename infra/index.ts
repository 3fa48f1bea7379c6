/** `agensight/cdk`: Agensight as a construct and as a stack, for an app of your own. */
export { Agensight, type AgensightProps } from './agensight.ts';
export type { HttpApiProps } from './front-door.ts';
export { AgensightStack } from './stack.ts';
