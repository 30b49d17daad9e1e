// The same tests, compiled, for Nodes that do not strip types (see tools/build/test-node20.js).
export default {
  files: ['build/tests/**/*.test.js'],
  workerThreads: false,
  timeout: '3m',
};
