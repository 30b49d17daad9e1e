#!/usr/bin/env node
// npx looks for a package's own command among those of its dependencies and workspaces, not in the package itself.
import '../../bin/wirq.js';
