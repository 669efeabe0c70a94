import type { ExtractField, ExtractSchema } from './schema.ts';

/** The type of a schema's rows. A schema that is not a constant for the compiler has rows of unknown values. */
export type ExtractedRow<Schema extends ExtractSchema> = 0 extends 1 & Schema
  ? Record<string, unknown>
  : string extends Schema['fields'][number]['name']
    ? Record<string, unknown>
    : ExtractedFields<
        Schema extends { readonly baseFields: infer Base extends readonly ExtractField[] }
          ? readonly [...Base, ...Schema['fields']]
          : Schema['fields']
      >;

/** An object with a value for each field. */
export type ExtractedFields<Fields> = Fields extends readonly ExtractField[]
  ? { [Field in Fields[number] as Field['name']]: ExtractedValue<Field> }
  : never;

/** The type of a field's value, or of its default. */
export type ExtractedValue<Field> = Field extends { readonly read: (...given: never[]) => infer Value }
  ? NonNullable<Value> | ExtractedMiss<Field, null>
  : Field extends { readonly type: 'list' | 'nested_list' }
    ?
        | (Field extends { readonly fields: infer Fields } ? ExtractedFields<Fields> : ExtractedText<Field>)[]
        | ExtractedMiss<Field, never>
    : Field extends { readonly type: 'nested'; readonly fields: infer Fields }
      ? ExtractedFields<Fields> | ExtractedMiss<Field, null>
      : ExtractedText<Field> | ExtractedMiss<Field, null>;

/** A text, or the result of the field's own function. */
export type ExtractedText<Field> = Field extends { readonly transform: (value: string) => infer Value }
  ? NonNullable<Value>
  : string;

/** The type of a missing value. */
export type ExtractedMiss<Field, Otherwise> = Field extends { readonly required: true }
  ? never
  : Field extends { readonly default: infer Default }
    ? Default
    : Otherwise;
