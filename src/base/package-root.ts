import { fileURLToPath } from 'node:url';

/** Folder that holds `package.json` and `proofs/`; the same from `src/` and from the packed `dist/`. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));
