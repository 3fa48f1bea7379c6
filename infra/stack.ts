import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Agensight, type AgensightProps } from './agensight.ts';

/** A stack with nothing but {@link Agensight} in it. */
export class AgensightStack extends Stack {
  readonly agensight: Agensight;

  constructor(scope: Construct, id: string, props: AgensightProps & StackProps = {}) {
    super(scope, id, { description: 'Agensight: takes in traces of LLM applications.', ...props });
    this.agensight = new Agensight(this, 'Agensight', props);
  }
}
