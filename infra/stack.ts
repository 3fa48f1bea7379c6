import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Agensight, type AgensightProps } from './agensight.ts';

/** A stack that contains only {@link Agensight}. */
export class AgensightStack extends Stack {
  readonly agensight: Agensight;

  constructor(scope: Construct, id: string, props: AgensightProps & StackProps = {}) {
    super(scope, id, { description: 'Agensight: ingests traces of LLM applications.', ...props });
    this.agensight = new Agensight(this, 'Agensight', props);
  }
}
