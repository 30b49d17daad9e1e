// Tests are TypeScript and run as they are: development Node strips the types.
// Worker threads are off because AVA's refuse V8 flags.
export default {
  files: ['tests/**/*.test.ts'],
  extensions: { ts: 'module' },
  workerThreads: false,
  timeout: '2m',
};
