import type { OverlayCounters } from './interface.ts';

export function newCounters(): OverlayCounters {
  return {
    published: 0,
    received: 0,
    accepted: 0,
    ignored: 0,
    rejected: 0,
    droppedBusy: 0,
    pendingValidations: 0,
    requestsSent: 0,
    requestsServed: 0,
    requestsRefused: 0,
    requestsFailed: 0,
    connectionsOpened: 0,
    connectionsClosed: 0,
    bans: 0,
    syncRuns: 0,
    syncFetched: 0,
    syncServed: 0,
  };
}
