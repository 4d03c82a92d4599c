import { SPACES } from '../../constants.ts';
import { ASSET_AT } from '../holdings.ts';
import type { Describe } from '../record-view.ts';
import { ASSET_RECORD, FLAG_BURNABLE } from './program.ts';

/** Accounts, balances and assets. */
export const describeAssets: Describe = (key, record) => {
  switch (key.u8(0)) {
    case SPACES.account:
      return { kind: 'account', owner: key.address(1), amount: record.u64(0), nonce: record.u64(8) };
    case SPACES.balance:
      return { kind: 'balance', owner: key.address(1), asset: key.asset(ASSET_AT), amount: record.u64(0) };
    case SPACES.asset:
      return {
        kind: 'asset',
        asset: key.asset(1),
        supply: record.u64(ASSET_RECORD.supply),
        authority: record.address(ASSET_RECORD.authority),
        decimals: record.u8(ASSET_RECORD.decimals),
        burnable: (record.u8(ASSET_RECORD.flags) & FLAG_BURNABLE) !== 0,
      };
    default:
      return undefined;
  }
};
