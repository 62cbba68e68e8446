'use strict';

// Starts bin/tandem.js in this process, as if it had been called with `args`. Apart from start.cjs, because an old Node cannot even
// read `import()`.

const path = require('path');
const { pathToFileURL } = require('url');

const BIN = path.join(__dirname, '..', 'bin', 'tandem.js');

/** Resolves when the program is done; it sets the exit code itself. */
async function launch(args) {
  process.argv = [process.execPath, BIN].concat(args);
  await import(pathToFileURL(BIN).href);
  return 0;
}

module.exports = { launch };
