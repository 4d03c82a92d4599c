import { CodedError } from '../base/errors.ts';

export class ConfigError extends CodedError {}
