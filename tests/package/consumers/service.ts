/** A service as it is, whichever decorators the compiler speaks: methods of every kind. */
import { span, trace } from 'agensight';

class Store {
  protected readonly visits = new Map<string, number>();

  @span
  recall(city: string): string {
    const count = (this.visits.get(city) ?? 0) + 1;
    this.visits.set(city, count);
    return `${city} ${count}`;
  }

  @span get size(): number {
    return this.visits.size;
  }
}

export class Memory extends Store {
  @span({ kind: 'retriever' })
  override recall(city: string): string {
    return `recalled ${super.recall(city)}`;
  }

  @trace('all')
  static async all(...cities: readonly string[]): Promise<string[]> {
    const memory = new Memory();
    return Promise.all(cities.map(async (city) => memory.recall(city)));
  }
}
