import { describe, expect, it } from 'vitest';
import { type Form, parsePage } from '../../src/page/index.ts';

const url = 'https://a.test/d/p';
const formOf = (controls: string): Form => parsePage(`<form>${controls}</form>`, { url }).form();
const sent = (form: Form): string => form.request(null).url.search;

describe('filling a form', () => {
  const form =
    formOf(`<input name=t><textarea name=a></textarea><input type=number name=n><input type=checkbox name=c>
    <input type=checkbox name=m value=1><input type=checkbox name=m value=2><input type=radio name=r value=x>
    <input type=radio name=r value=y checked><select name=s><option>one<option value=2>two<option disabled>three</select>
    <select name=l multiple><option>p<option>q<option>r</select><input name=e><input name=e><input type=file name=f multiple>
    <input type=hidden name=h value=0><input name=ro readonly><input name=d disabled><button name=b>Go</button>`);

  it.each([
    [{ t: 'x' }, 't', 'x'],
    [{ t: 5 }, 't', '5'],
    [{ t: null }, 't', ''],
    [{ a: 'x\ny' }, 'a', 'x\ny'],
    [{ n: 1.5 }, 'n', '1.5'],
    [{ c: true }, 'c', 'on'],
    [{ c: 'on' }, 'c', 'on'],
    [{ m: '2' }, 'm', '2'],
    [{ m: ['1', '2'] }, 'm', '1,2'],
    [{ r: 'x' }, 'r', 'x'],
    [{ s: '2' }, 's', '2'],
    [{ s: 'two' }, 's', '2'],
    [{ l: ['r', 'p'] }, 'l', 'p,r'],
    [{ l: 'q' }, 'l', 'q'],
    [{ l: null }, 'l', ''],
    [{ e: ['1', '2'] }, 'e', '1,2'],
  ])('%j is sent', (values, name, expected) => {
    const entries = form.fill(values).entries(null);
    expect(
      entries
        .filter(([key]) => key === name)
        .map(([, value]) => value)
        .join(),
    ).toBe(expected);
  });

  it.each([
    [{ tt: 'x' }, 'ERR_NOT_FOUND', 'The form has no control "tt": nearest are "t"'],
    [{ t: true }, 'ERR_CONTROL_VALUE', 'it takes text, got true'],
    [{ n: 'abc' }, 'ERR_CONTROL_VALUE', '"abc" is not a valid number'],
    [{ m: true }, 'ERR_CONTROL_VALUE', 'it is 2 checkboxes'],
    [{ m: '3' }, 'ERR_CONTROL_VALUE', '"3" is not one of its values: "1", "2"'],
    [{ r: 'z' }, 'ERR_CONTROL_VALUE', '"z" is not one of its values: "x", "y"'],
    [{ s: 'four' }, 'ERR_CONTROL_VALUE', '"four" is not one of its values: "one", "2", "three"'],
    [{ s: 'three' }, 'ERR_CONTROL_VALUE', 'its option "three" is disabled'],
    [{ s: ['one', '2'] }, 'ERR_CONTROL_VALUE', 'controls and was given 2 values'],
    [{ e: 'x' }, 'ERR_CONTROL_VALUE', 'it is 2 controls: give a list'],
    [{ e: ['1', '2', '3'] }, 'ERR_CONTROL_VALUE', 'it is 2 controls and was given 3 values'],
    [{ f: '/etc/passwd' }, 'ERR_CONTROL_VALUE', 'it takes a File or Blob'],
    [{ h: '1' }, 'ERR_CONTROL_VALUE', 'it is hidden: what a script of the page would do is set'],
    [{ ro: '1' }, 'ERR_CONTROL_VALUE', 'it is readonly'],
    [{ d: '1' }, 'ERR_CONTROL_VALUE', 'it is disabled: what a script of the page would do is enable'],
    [{ b: '1' }, 'ERR_CONTROL_VALUE', 'it is a button'],
  ])('%j is refused by name', (values, code, message) => {
    expect(() => form.fill(values)).toThrow(message);
    expect(() => form.fill(values)).toThrow(expect.objectContaining({ code }));
  });

  it('returns another form, and does not change this one, the page and the values', () => {
    const values = Object.freeze({ t: 'x', l: Object.freeze(['p']) });
    const filled = form.fill(values);
    expect(filled).not.toBe(form);
    expect(form.entries(null)[0]).toEqual(['t', '']);
    expect(filled.fill({ a: 'y' }).entries(null).slice(0, 2)).toEqual([
      ['t', 'x'],
      ['a', 'y'],
    ]);
    expect(filled.reset().entries(null)).toEqual(form.entries(null));
  });

  it('does what a script would do, by the names of controls', () => {
    const scripted = form
      .enable('d')
      .fill({ d: '1' })
      .set('h', '2')
      .set('ro', 'r')
      .append('z', 'last')
      .remove('t');
    const entries = scripted.entries(null);
    expect(entries).toContainEqual(['d', '1']);
    expect(entries).toContainEqual(['h', '2']);
    expect(entries).toContainEqual(['ro', 'r']);
    expect(entries.at(-1)).toEqual(['z', 'last']);
    expect(entries.some(([name]) => name === 't')).toBe(false);
  });

  it('ignores undefined values, and names that every object has', () => {
    expect(sent(formOf('<input name=constructor value=1>').fill({ constructor: '2' } as never))).toBe(
      '?constructor=2',
    );
    expect(sent(formOf('<input name=a value=1>').fill({ a: undefined }))).toBe('?a=1');
    expect(() => form.fill(null as never)).toThrow('values must be');
  });
});

describe('the controls of a form', () => {
  it('are listed with their values, labels and choices', () => {
    const form = formOf(
      `<label for=i>Name</label><input id=i name=n value=1 required><select name=s><option>a<option selected>b</select>`,
    );
    expect(
      form
        .controls()
        .map(({ name, type, label, value, isRequired }) => [name, type, label, value, isRequired]),
    ).toEqual([
      ['n', 'text', 'Name', '1', true],
      ['s', 'select', '', 'b', false],
    ]);
    expect(form.control({ label: 'name' }).name).toBe('n');
    expect(form.control({ name: 's' }).options.map(({ value, isSelected }) => [value, isSelected])).toEqual([
      ['a', false],
      ['b', true],
    ]);
  });
});

describe('what would be sent', () => {
  it('depends on the button', () => {
    const form = formOf(
      '<input name=q value=1><button name=b value=save>Save</button><button name=b value=show formmethod=post>Show</button>',
    );
    expect(form.entries()).toEqual([
      ['q', '1'],
      ['b', 'save'],
    ]);
    expect(form.entries({ text: 'Show' })).toEqual([
      ['q', '1'],
      ['b', 'show'],
    ]);
    expect(form.entries({ name: 'b', value: 'show' })).toEqual([
      ['q', '1'],
      ['b', 'show'],
    ]);
    expect(form.entries(null)).toEqual([['q', '1']]);
    expect(form.request({ text: 'Show' })).toMatchObject({
      method: 'POST',
      headers: [['Content-Type', 'application/x-www-form-urlencoded']],
    });
    expect(() => form.entries({ text: 'Delete' })).toThrow('No submit buttons');
    expect(form.entries(form.controls()[2])).toEqual([
      ['q', '1'],
      ['b', 'show'],
    ]);
  });

  it('is also available as form data', () => {
    const file = new File(['x'], 'x.txt');
    const data = formOf('<input name=a value=1><input type=file name=f>').fill({ f: file }).toFormData(null);
    expect(data.get('a')).toBe('1');
    expect((data.get('f') as File).name).toBe('x.txt');
  });
});

describe('checkValidity', () => {
  it.each([
    ['<input name=a required>', 'valueMissing'],
    ['<input name=a type=email value=x>', 'typeMismatch'],
    ['<input name=a type=url value=x>', 'typeMismatch'],
    ['<input name=a type=number min=5 value=4>', 'rangeUnderflow'],
    ['<input name=a type=number max=5 value=6>', 'rangeOverflow'],
    ['<input name=a type=number min=0 step=2 value=3>', 'stepMismatch'],
    ['<input name=a type=date min=2026-02-01 value=2026-01-31>', 'rangeUnderflow'],
    ['<input name=a type=date min=2026-01-01 step=7 value=2026-01-02>', 'stepMismatch'],
    ['<input name=a type=month max=2026-01 value=2026-02>', 'rangeOverflow'],
    ['<input name=a type=week max=2026-W01 value=2026-W02>', 'rangeOverflow'],
    ['<input name=a type=time min=22:00 max=02:00 value=12:00>', 'rangeUnderflow'],
    ['<input name=a type=time value=10:00:30>', ''],
    ['<input name=a type=time min=10:00 value=10:00:30>', 'stepMismatch'],
    ['<select name=a required><option value="">choose</select>', 'valueMissing'],
    ['<input name=a type=checkbox required>', 'valueMissing'],
    ['<input name=a type=file required>', 'valueMissing'],
    ['<textarea name=a required></textarea>', 'valueMissing'],
    ['<input name=a required readonly>', ''],
    ['<input name=a required disabled>', ''],
    ['<input name=a pattern="(a+)+$" value="aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!">', ''],
    ['<input name=a type=range required>', ''],
  ])('%s: %s', (control, reason) => {
    expect(formOf(control).checkValidity()[0]?.reasons[0] ?? '').toBe(reason);
  });

  it('checks the length of typed values, not of values of the page or a script', () => {
    const form = formOf('<input name=a minlength=5 maxlength=6 value=abc>');
    const reasons = (each: Form): unknown => each.checkValidity()[0]?.reasons;
    expect(reasons(form)).toBeUndefined();
    expect(reasons(form.set('a', 'x'))).toBeUndefined();
    expect(reasons(form.fill({ a: 'abcd' }))).toEqual(['tooShort']);
    expect(reasons(form.fill({ a: 'abcdefg' }))).toEqual(['tooLong']);
  });
});
