#!/usr/bin/env node
/**
 * The command of the published package. It loads nothing before it knows that this Node can run the rest, so its own
 * syntax is kept older than what it asks for.
 */
const NEEDED = 26;
const [major] = process.versions.node.split('.').map(Number);
const [command, ...rest] = process.argv.slice(2);

if (major < NEEDED) {
  process.stderr.write(
    `System Service needs Node ${NEEDED} or newer (Temporal, node:sqlite); this is ${process.version} at ${process.execPath}.\n` +
      `Without installing one: npx --yes --package node@${NEEDED} --package @espice/system-service system-service\n`,
  );
  process.exitCode = 2;
} else if (['keys', 'backup', 'restore', 'doctor', 'test-rules'].includes(command)) {
  process.argv.splice(2, process.argv.length, ...rest);
  import(`../dist/${command}.js`);
} else {
  import('../dist/main.js');
}
