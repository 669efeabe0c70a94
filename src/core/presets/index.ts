export type { CacheMode, Initiator, ReferrerPolicyName, RequestContext } from './context.ts';
export { type EmulationContext, getEmulationHeaders } from './emulation.ts';
export { type ContextInput, inferContext } from './infer-context.ts';
export { type Preset, resolvePreset, resolveProfile } from './preset.ts';
export { type PresetRequest, presetHeaders } from './preset-headers.ts';
export { contextAfter, refererLevel } from './referrer.ts';
export {
  type BrowserAlias,
  type BrowserProfile,
  getOperatingSystems,
  getProfiles,
  type OperatingSystem,
} from './versions.ts';
