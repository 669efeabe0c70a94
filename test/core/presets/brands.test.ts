import { describe, expect, it } from 'vitest';
import { brandList } from '../../../src/core/presets/brands.ts';
import { captures, valueIn } from './captures.ts';

describe('brandList', () => {
  // Published values of Google Chrome, before and after the algorithm came with 105.
  it.each([
    [100, '" Not A;Brand";v="99", "Chromium";v="100", "Google Chrome";v="100"'],
    [101, '" Not A;Brand";v="99", "Chromium";v="101", "Google Chrome";v="101"'],
    [103, '".Not/A)Brand";v="99", "Google Chrome";v="103", "Chromium";v="103"'],
    [104, '"Chromium";v="104", " Not A;Brand";v="99", "Google Chrome";v="104"'],
    [105, '"Google Chrome";v="105", "Not)A;Brand";v="8", "Chromium";v="105"'],
    [110, '"Chromium";v="110", "Not A(Brand";v="24", "Google Chrome";v="110"'],
    [120, '"Not_A Brand";v="8", "Chromium";v="120", "Google Chrome";v="120"'],
    [124, '"Chromium";v="124", "Google Chrome";v="124", "Not-A.Brand";v="99"'],
    [131, '"Google Chrome";v="131", "Chromium";v="131", "Not_A Brand";v="24"'],
    [153, '"Google Chrome";v="153", "Not_A Brand";v="8", "Chromium";v="153"'],
    [154, '"Chromium";v="154", "Google Chrome";v="154", "Not A(Brand";v="99"'],
    [155, '"Google Chrome";v="155", "Chromium";v="155", "Not(A:Brand";v="24"'],
    [156, '"Not:A-Brand";v="8", "Chromium";v="156", "Google Chrome";v="156"'],
    [157, '"Not-A.Brand";v="99", "Google Chrome";v="157", "Chromium";v="157"'],
    [158, '"Chromium";v="158", "Not.A/Brand";v="24", "Google Chrome";v="158"'],
  ])('names the brands of Google Chrome %i', (major, list) => {
    expect(brandList(major, ['Google Chrome', major])).toBe(list);
  });

  it('replaces Google Chrome by another vendor with its own version', () => {
    expect(brandList(137, ['Opera', 121])).toBe('"Opera";v="121", "Chromium";v="137", "Not/A)Brand";v="24"');
    expect(brandList(101, ['Microsoft Edge', 101])).toBe(
      '" Not A;Brand";v="99", "Chromium";v="101", "Microsoft Edge";v="101"',
    );
  });

  it('names a Chromium without a vendor as captured', () => {
    const captured = new Set(
      captures
        .filter(({ browser }) => browser === 'chromium')
        .map((capture) => valueIn(capture, 'sec-ch-ua')),
    );
    captured.delete(undefined);
    expect([...captured]).toEqual([brandList(156, null)]);
  });
});
