/** The version in package.json, which is found from the source and from the built package alike. */
import { readFileSync } from 'node:fs';

/** How far above this file the package may begin: `src/cli`, `dist/cli`, and compiled tests in `build/src/cli`. */
const FOLDERS_ABOVE = ['../../', '../../../'];

export function version(): string {
  for (const above of FOLDERS_ABOVE) {
    const manifest = readManifest(new URL(`${above}package.json`, import.meta.url));
    if (manifest !== undefined && manifest.name === 'wirq') return String(manifest.version);
  }
  return 'unknown';
}

function readManifest(url: URL): { readonly name?: unknown; readonly version?: unknown } | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(url, 'utf8'));
    return typeof manifest === 'object' && manifest !== null ? manifest : undefined;
  } catch {
    return undefined;
  }
}
