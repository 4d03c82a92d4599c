export { DEFAULT_TUNING, LOOPBACK_TUNING } from './constants.ts';
export { OverlayError, OverlayErrorCode } from './errors.ts';
export * from './interface.ts';
export { createOverlay } from './overlay.ts';
export { createRawPublisher, type RawPublisher, type RawPublisherInit } from './raw-publisher.ts';
