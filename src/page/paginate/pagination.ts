/** A list in pages: a loop over it goes from page to page. Each loop starts again. */
export class Pagination<Part, Item> implements AsyncIterable<Part> {
  readonly #parts: () => AsyncGenerator<Part, void, undefined>;
  readonly #read: (part: Part) => Iterable<unknown> | Promise<Iterable<unknown>>;
  readonly #maxItems: number;

  /** Made by {@link paginate} and {@link paginateJson}. */
  constructor(
    parts: () => AsyncGenerator<Part, void, undefined>,
    read: (part: Part) => Iterable<unknown> | Promise<Iterable<unknown>>,
    maxItems: number,
  ) {
    this.#parts = parts;
    this.#read = read;
    this.#maxItems = maxItems;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Part, void, undefined> {
    return this.#parts();
  }

  /** The items of all pages, one after the other. */
  async *items(): AsyncGenerator<Item, void, undefined> {
    let left = this.#maxItems;
    for await (const part of this) {
      for (const item of await this.#read(part)) {
        yield item as Item;
        if (--left <= 0) return;
      }
    }
  }

  /** The items of all pages together. */
  async all(): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of this.items()) items.push(item);
    return items;
  }
}
