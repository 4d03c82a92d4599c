/** Issuers, the registry and list importers. See `docs/issuers.md` and `docs/lists.md`. */
export { IssuerError, IssuerErrorCode, RegistryError, RegistryErrorCode } from './errors.ts';
export * from './interface.ts';
export { initIssuer, openIssuer } from './open-issuer.ts';
export { readRegistrations } from './registrations.ts';
export { initRegistry, openRegistry } from './registry.ts';
export { importSdn } from './sdn.ts';
export { MAX_HEADER_BYTES, snapshotHash, verifyHeader, verifyRegistry } from './snapshot.ts';
