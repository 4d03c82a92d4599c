/** Settings: one schema, four sources, and for each value where it came from. Nothing is parsed at import. */
export { ConfigError } from './errors.ts';
export * from './interface.ts';
export { convertText, ENV_PREFIX, type Leaf, leavesOf, variableOf } from './leaves.ts';
export { CONFIG_FILE_NAME, dataPaths, type LoadConfigInput, loadConfig } from './load.ts';
export { resolveConfig } from './resolve.ts';
export { configSchema, networkName } from './schema.ts';
