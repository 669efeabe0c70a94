import type { OptionRow } from '../option-row.ts';
import { type Checked, optionTable, type SettingOption } from './option-table.ts';
import type { TimeoutLimits } from './settings.ts';

type Table = typeof optionTable;

/** The name of the setting that an option decides. */
type SettingName<Name extends SettingOption> = Table[Name] extends { readonly as: infer As extends string }
  ? As
  : Name;

/** The value of a setting once its option is checked. */
type Kept<Name extends SettingOption> = Table[Name] extends {
  readonly keep: (checked: never) => infer Setting;
}
  ? Setting
  : Checked<Name>;

/** The settings that one call or session sets. */
export type GivenSettings = { [Name in SettingOption as SettingName<Name>]?: Kept<Name> };

/**
 * The settings of a call, which apply to all its hops. Immutable. Each is the option of its name, except
 * `presetHeaders` (false under `disableDefaultHeaders`) and `credentials` (false for `omit`).
 */
export type CallSettings = {
  readonly [Name in SettingOption as SettingName<Name>]: Name extends 'timeout' ? TimeoutLimits : Kept<Name>;
};

const rows: Readonly<Record<string, OptionRow>> = optionTable;

/** The defaults. */
export const defaultSettings = Object.fromEntries(
  Object.entries(rows)
    .filter(([, row]) => row.setting === true)
    .map(([name, row]) => [row.as ?? name, row.default]),
) as unknown as CallSettings;

/** Adds the checked value of an option to the settings that were given before it. */
export function addSetting(
  given: GivenSettings | null,
  name: string,
  { as, keep, merge }: OptionRow,
  checked: unknown,
): GivenSettings | null {
  const value = keep === undefined ? checked : keep(checked as never);
  // A session cannot set it either. Many clients pass `signal: null`.
  if (value === null && merge === undefined) return given;
  const settings: Record<string, unknown> = given ?? {};
  // An option with the setting's own name has precedence over its other name.
  if (as === undefined || !(as in settings)) settings[as ?? name] = value;
  return settings;
}

/** Merges the given settings with the inherited ones; the given ones take precedence. */
export function mergeSettings(fallback: CallSettings, given: GivenSettings | null): CallSettings {
  if (given === null) return fallback;
  const merged: Record<string, unknown> = { ...fallback };
  for (const name in given) {
    const value: unknown = given[name as keyof GivenSettings];
    merged[name] = rows[name]?.merge === 'parts' ? { ...Object(merged[name]), ...Object(value) } : value;
  }
  return merged as unknown as CallSettings;
}
