/** A part that runs: started and stopped once each, in the order that `node` lists; both are idempotent. */
export interface Startable {
  start(): Promise<void>;
  stop(): Promise<void>;
}
