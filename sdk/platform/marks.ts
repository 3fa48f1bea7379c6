/**
 * Values that belong to objects of the host program, like entries of a WeakMap, at a fraction of its
 * cost. Each is a private field that is added to the object: no code can see it, and a proxy has its own.
 */

import { attempt } from './values.ts';

/** Constructs the object that it is given, so that a derived class adds its private field to that object. */
function given(object: object): object {
  return object;
}

const Given = given as unknown as new (object: object) => object;

/** One value for each object. */
export interface Marks<T> {
  get(object: object): T | undefined;
  /** Sets the value of an object, unless it has one. */
  set(object: object, value: T): void;
}

/** Creates marks that are independent of others. */
export function createMarks<T>(): Marks<T> {
  class Mark extends Given {
    readonly #value: T;

    constructor(object: object, value: T) {
      super(object);
      this.#value = value;
    }

    static get(object: object): T | undefined {
      return #value in object ? (object as Mark).#value : undefined;
    }

    static set(object: object, value: T): void {
      // An engine may refuse to add a field to a frozen object.
      if (!(#value in object)) attempt(() => new Mark(object, value));
    }
  }
  return Mark;
}
