import { CodedError } from '../base/errors.ts';

export class MarketError extends CodedError {}
