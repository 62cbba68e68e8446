/** What was said last, so that a failure that lasts is not said again and again. */

const INSTANT = /\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g;

/** A sentence is no other one because it names another instant. */
export function withoutInstants(sentence: string): string {
  return sentence.replaceAll(INSTANT, '');
}

/** Whether a sentence says something new. */
export class LastSaid {
  #last: string | undefined;

  get anything(): boolean {
    return this.#last !== undefined;
  }

  isNews(sentence: string): boolean {
    const text = withoutInstants(sentence);
    if (text === this.#last) return false;
    this.#last = text;
    return true;
  }

  forget(): void {
    this.#last = undefined;
  }
}

/** What ails each of many objects. Memory: one sentence per object that is ailing. */
export class Troubles {
  readonly #last = new Map<string, LastSaid>();

  /** Whether this trouble is another one than the object had last. Undefined: it has none any more. */
  isNews(object: string, trouble: string | undefined): boolean {
    if (trouble === undefined) {
      this.#last.delete(object);
      return false;
    }
    const last = this.#last.get(object) ?? new LastSaid();
    this.#last.set(object, last);
    return last.isNews(trouble);
  }
}
