/** Fields that name something: an account, a record. */
import { type AccountId, fromBase64Url, toAccountId, toBase64Url } from '@securechat/crypto';
import type { RecordId } from '../api.ts';
import { type Field, mapped } from './fields.ts';
import { ID_BYTES, recordIdBytes, recordIdFrom } from './record-id.ts';

const ACCOUNT_BYTES = 32;

export const ACCOUNT: Field<AccountId> = mapped(
  ACCOUNT_BYTES,
  (bytes) => toAccountId(toBase64Url(bytes)),
  fromBase64Url,
);
export const RECORD: Field<RecordId> = mapped(ID_BYTES, recordIdFrom, recordIdBytes);
