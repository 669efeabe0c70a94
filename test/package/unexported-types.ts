/** Types that the public ones name and no entry exports, with the reason. All others are exported, or are not public. */
export const unexportedTypes: Readonly<Record<string, string>> = {
  versions:
    'The table that the names of profiles are made of. BrowserAlias and BrowserProfile are its public types.',
};
