import type { OptionRow } from '../option-row.ts';
import { type Checked, optionTable, type SettingOption } from './option-table.ts';
import type { TimeoutLimits } from './settings.ts';

type Table = typeof optionTable;

/** The name of the setting that an option decides. */
type SettingName<Name extends SettingOption> = Table[Name] extends { readonly as: infer As extends string }
  ? As
  : Name;

/** What an option leaves as a setting. */
type Kept<Name extends SettingOption> = Table[Name] extends {
  readonly keep: (checked: never) => infer Setting;
}
  ? Setting
  : Checked<Name>;

/** What one call or session says of its settings. */
export type GivenSettings = { [Name in SettingOption as SettingName<Name>]?: Kept<Name> };

/**
 * What a call was told that holds for all its hops. Never changed. Each setting is the option of its name, but for
 * `presetHeaders` (false under `disableDefaultHeaders`) and `credentials` (false for `omit`).
 */
export type CallSettings = {
  readonly [Name in SettingOption as SettingName<Name>]: Name extends 'timeout' ? TimeoutLimits : Kept<Name>;
};

const rows: Readonly<Record<string, OptionRow>> = optionTable;

/** What holds when nobody says otherwise. */
export const defaultSettings = Object.fromEntries(
  Object.entries(rows)
    .filter(([, row]) => row.setting === true)
    .map(([name, row]) => [row.as ?? name, row.default]),
) as unknown as CallSettings;

/** Adds what an option says, once it is checked, to the settings that were given before it. */
export function addSetting(
  given: GivenSettings | null,
  name: string,
  { as, keep, merge }: OptionRow,
  checked: unknown,
): GivenSettings | null {
  const value = keep === undefined ? checked : keep(checked as never);
  // No session can say otherwise. Many clients pass `signal: null`.
  if (value === null && merge === undefined) return given;
  const settings: Record<string, unknown> = given ?? {};
  // The option of the setting's own name goes before another name for it.
  if (as === undefined || !(as in settings)) settings[as ?? name] = value;
  return settings;
}

/** What is given over what holds otherwise. */
export function mergeSettings(fallback: CallSettings, given: GivenSettings | null): CallSettings {
  if (given === null) return fallback;
  const merged: Record<string, unknown> = { ...fallback };
  for (const name in given) {
    const value: unknown = given[name as keyof GivenSettings];
    merged[name] = rows[name]?.merge === 'parts' ? { ...Object(merged[name]), ...Object(value) } : value;
  }
  return merged as unknown as CallSettings;
}
