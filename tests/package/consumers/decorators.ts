import { span, trace } from 'agensight';

export class Agent {
  @span plan(goal: string): string {
    return goal;
  }
  @span({ kind: 'tool' }) async search(query: string): Promise<string> {
    return query;
  }
  @trace('run') static run(): Agent {
    return new Agent();
  }
  @span get mood(): string {
    return 'good';
  }
}

const plan: (goal: string) => string = new Agent().plan;
const found: Promise<string> = new Agent().search('x');
void [plan, found, Agent.run().mood];
