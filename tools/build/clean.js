// Removes the build folders named as arguments, so that a deleted source leaves no stale output behind.
import { rmSync } from 'node:fs';

for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true });
