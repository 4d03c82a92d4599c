/** Names that stand in paths, topics and protocol ids: networks, issuers' folders, keys of accounts. */
export const SHORT_NAME = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;
export const SHORT_NAME_RULE = '1 to 32 of a-z, 0-9 and inner hyphens';
