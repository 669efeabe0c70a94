/** That of package.json, which the bundle does not carry; a test holds them together. */
export const packageVersion = '0.1.0';
