/** That of package.json, which the bundles do not carry; a test holds them together. */
export const packageVersion = '0.2.0';
