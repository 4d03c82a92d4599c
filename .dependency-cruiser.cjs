/**
 * The import direction of the design, as a rule that fails the build. `ALLOWED` is read as "may import"; it lists
 * every folder that stands below, so a folder that is not named there is out of reach.
 */
const below = {
  base: [],
  config: ['base'],
  crypto: ['base'],
  claims: ['crypto'],
  artifacts: ['claims'],
  prover: ['artifacts'],
  verifier: ['artifacts'],
  issuer: ['claims'],
  wallet: ['issuer'],
  envelope: ['claims'],
  store: ['envelope'],
  gossip: ['verifier', 'envelope', 'store'],
  overlay: ['gossip'],
  ledger: ['base', 'crypto'],
  market: ['ledger', 'envelope', 'store'],
};

/** A folder reaches what stands below it, and what stands below that. */
const reach = (folder) => [...new Set(below[folder].flatMap((next) => [next, ...reach(next)]))];
const everything = Object.keys(below);
const ALLOWED = {
  ...Object.fromEntries(everything.map((folder) => [folder, reach(folder)])),
  node: everything,
  api: [...everything, 'node'],
  cli: [...everything, 'node', 'api'],
};

/** A third-party library enters through one folder (DESIGN section 2); the rest of the tree never sees it. */
const ENTRY = {
  circomlibjs: ['crypto'],
  '@noble/[^/]+': ['crypto'],
  snarkjs: ['artifacts'],
  ffjavascript: ['artifacts'],
  circom2: ['artifacts', 'cli'],
  'mcl-wasm': ['verifier'],
  '(?:libp2p|@libp2p/[^/]+|@multiformats/[^/]+|datastore-level)': ['overlay'],
  '(?:fastify|@fastify/[^/]+|@scalar/[^/]+|fastify-type-provider-zod)': ['api'],
  commander: ['cli'],
  'node:sqlite': ['store'],
  'csv-parse': ['issuer'],
};

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      // The parser does not tell `import type` apart; ports (`interface.ts`) hold types alone, so no circle through one
      // is real. Nor is one through a module that is loaded when it is called.
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { pathNot: '/interface\\.ts$', dependencyTypesNot: ['dynamic-import'] } },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'src-not-to-test',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    ...Object.entries(ALLOWED).map(([folder, allowed]) => ({
      name: `direction-${folder}`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: `^src/(?:${[folder, ...allowed].join('|')})/` },
    })),
    {
      name: 'known-folders-only',
      comment: 'A new folder under src/ must take its place in the direction above.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(?:${Object.keys(ALLOWED).join('|')})/` },
      to: {},
    },
    ...Object.entries(ENTRY).map(([library, folders]) => ({
      name: `one-door-${folders.join('-')}-${library.replace(/[^a-z0-9]+/g, '-').slice(0, 20)}`,
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/(?:${folders.join('|')})/` },
      to: { path: library.startsWith('node:') ? `^(?:node:)?${library.slice(5)}$` : `^(?:node_modules/)?${library}(?:/|$)` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // TypeScript 7 has no API that this tool could parse with; swc has.
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'], mainFields: ['main', 'types'] },
    builtInModules: { add: ['sqlite', 'node:sqlite', 'test', 'node:test'] },
  },
};
