/** The version of package.json, which is not in the bundles. A test checks that the two are equal. */
export const packageVersion = '0.2.0';
