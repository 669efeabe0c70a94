/**
 * Runs before the rest of the package is loaded (see tsup.config.ts), because undici would fail on an older Node.js
 * with an internal stack trace. This file itself must run on any Node.js.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 22 || (major === 22 && minor < 19)) {
  const error = new Error(`jarfetch needs Node.js 22.19 or newer, this is ${process.versions.node}`);
  // Without a stack trace: the message is enough.
  error.stack = error.message;
  throw error;
}
