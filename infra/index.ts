/** `agensight/cdk`: Agensight as a construct and as a stack, for your own CDK app. */
export { Agensight, type AgensightProps } from './agensight.ts';
export type { HttpApiProps } from './entry-point.ts';
export { AgensightStack } from './stack.ts';
