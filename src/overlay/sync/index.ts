export { SYNC_PROTOCOL, Sync } from './sync.ts';
