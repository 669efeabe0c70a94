export { type ContextInput, inferContext } from './context.ts';
export { type EmulationContext, getEmulationHeaders } from './emulation.ts';
export type { Initiator } from './layout.ts';
export { type Preset, resolvePreset, resolveProfile } from './preset.ts';
export { type PresetRequest, presetHeaders } from './preset-headers.ts';
export { siteBetween } from './site.ts';
export {
  type BrowserAlias,
  type BrowserProfile,
  getOperatingSystems,
  getProfiles,
  type OperatingSystem,
} from './versions.ts';
