import { describe, expect, it } from 'vitest';
import { growthOf, linearGrowth } from './growth.ts';

/** What reads outside text, and the texts that would be slow to read if something were wrong. */
export interface Reader {
  readonly name: string;
  readonly read: (text: string) => unknown;
  /** What the text begins with, and what is then repeated. */
  readonly texts: readonly (readonly [start: string, piece: string])[];
  /** Repetitions in the smaller text, where another number than that of the other readers shows more. */
  readonly size?: number;
}

/** Tests that readers take time in proportion to the length of the text. */
export function describeReaders(readers: readonly Reader[], usual: number): void {
  describe.each(readers)(
    'A05 $name is read in time that grows with its length',
    ({ read, texts, size = usual }) => {
      it.each(texts)('%j, then %j repeated', (start, piece) => {
        const work = (length: number) => {
          const text = start + piece.repeat(length);
          return () => settle(() => read(text));
        };
        expect(growthOf(work, size)).toBeLessThan(linearGrowth);
      });
    },
  );
}

/** What a reader refuses it has read, too. */
function settle(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
