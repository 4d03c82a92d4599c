/** The small tables: proof jobs, kept values, known peers, idempotency keys. */

export interface JobRecord {
  id: string;
  circuit: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  createdAt: number;
  updatedAt: number;
  /** Code of the failure, or ''. */
  code: string;
  /** Public outcome as JSON (public signals, proof), or ''. Never inputs. */
  result: string;
}

export interface Jobs {
  put(job: JobRecord): Promise<void>;
  get(id: string): Promise<JobRecord | undefined>;
  /** Newest first. */
  recent(limit?: number): Promise<JobRecord[]>;
}

export interface Values {
  get(namespace: string, key: string): Promise<string | undefined>;
  set(namespace: string, key: string, value: string, expiresAt?: number): Promise<void>;
  delete(namespace: string, key: string): Promise<void>;
  list(namespace: string, limit?: number): Promise<{ key: string; value: string }[]>;
}

export interface PeerRecord {
  peerId: string;
  addresses: string[];
  lastSeen: number;
}

export interface Peers {
  put(peer: PeerRecord): Promise<void>;
  /** Last seen first. */
  recent(limit?: number): Promise<PeerRecord[]>;
  delete(peerId: string): Promise<void>;
}

export type IdempotencyResult =
  /** First use: do the work, then `finish`, or `abandon`. */
  | { status: 'new' }
  | { status: 'running' }
  /** The key was used for another request. */
  | { status: 'mismatch' }
  | { status: 'done'; response: string };

export interface IdempotencyKeys {
  begin(key: string, requestHash: string, expiresAt: number): Promise<IdempotencyResult>;
  finish(key: string, response: string): Promise<void>;
  abandon(key: string): Promise<void>;
}
