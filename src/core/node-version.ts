/**
 * Runs before anything else of the package is loaded (see tsup.config.ts): undici would otherwise fail on an older
 * Node.js with a stack from its inside. Must itself run on any Node.js.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  const error = new Error(`jarfetch needs Node.js 22.19 or newer, this is ${process.versions.node}`);
  // One sentence says it all.
  error.stack = error.message;
  throw error;
}
