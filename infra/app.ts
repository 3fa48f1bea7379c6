/** The CDK app of this repository: one stack, configured by context (`cdk deploy -c name=value`). */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readContext } from './context.ts';
import { printCost } from './cost.ts';
import { AgensightStack } from './stack.ts';

const app = new App();
const { stackName, ...props } = readContext(app.node.getAllContext());
new AgensightStack(app, stackName, props);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }));
// On standard error: `cdk synth` prints the template on standard output.
printCost(props, (line) => console.error(line));
