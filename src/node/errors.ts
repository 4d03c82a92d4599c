import { CodedError } from '../base/errors.ts';

export class NodeError extends CodedError {}
