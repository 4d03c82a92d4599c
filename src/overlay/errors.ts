import { CodedError, type ErrorDetails } from '../base/errors.ts';

export const OverlayErrorCode = {
  NotRunning: 'OVERLAY_NOT_RUNNING',
  KeyUnsafe: 'OVERLAY_KEY_UNSAFE',
  KeyInvalid: 'OVERLAY_KEY_INVALID',
  AddressInvalid: 'OVERLAY_ADDRESS_INVALID',
  PeerInvalid: 'OVERLAY_PEER_INVALID',
  ListenFailed: 'OVERLAY_LISTEN_FAILED',
  PeerStoreFailed: 'OVERLAY_PEER_STORE_FAILED',
  DialFailed: 'OVERLAY_DIAL_FAILED',
  PeerRefused: 'OVERLAY_PEER_REFUSED',
  TopicUnknown: 'OVERLAY_TOPIC_UNKNOWN',
  MessageTooLarge: 'OVERLAY_MESSAGE_TOO_LARGE',
  HandlerExists: 'OVERLAY_HANDLER_EXISTS',
  HandlerFailed: 'OVERLAY_HANDLER_FAILED',
  RequestTimeout: 'OVERLAY_REQUEST_TIMEOUT',
  RequestFailed: 'OVERLAY_REQUEST_FAILED',
  RemoteRefused: 'OVERLAY_REMOTE_REFUSED',
  ProtocolUnsupported: 'OVERLAY_PROTOCOL_UNSUPPORTED',
  FrameTooLarge: 'OVERLAY_FRAME_TOO_LARGE',
  FrameInvalid: 'OVERLAY_FRAME_INVALID',
  Busy: 'OVERLAY_BUSY',
  Aborted: 'OVERLAY_ABORTED',
  BlobNotFound: 'OVERLAY_BLOB_NOT_FOUND',
  BlobTooLarge: 'OVERLAY_BLOB_TOO_LARGE',
  SyncUnavailable: 'OVERLAY_SYNC_UNAVAILABLE',
  SyncBadPeer: 'OVERLAY_SYNC_BAD_PEER',
  SyncTooLong: 'OVERLAY_SYNC_TOO_LONG',
  ValidatorFailed: 'OVERLAY_VALIDATOR_FAILED',
  InvalidMessages: 'OVERLAY_INVALID_MESSAGES',
} as const;

export type OverlayErrorCode = (typeof OverlayErrorCode)[keyof typeof OverlayErrorCode];

export interface OverlayErrorDetails extends ErrorDetails {
  /** The code that the other peer gave, for OVERLAY_REMOTE_REFUSED. */
  remoteCode?: string;
}

export class OverlayError extends CodedError {
  readonly remoteCode: string | undefined;

  constructor(code: OverlayErrorCode, message: string, details: OverlayErrorDetails = {}) {
    super(code, message, details);
    this.remoteCode = details.remoteCode;
  }
}
