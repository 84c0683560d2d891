/** What the engine uses of governance. */
export { Governance, foldGroup, rosterAt } from './governance.ts';
export type {
  Former,
  GroupAct,
  GroupInfo,
  GroupRules,
  GroupState,
  Invite,
  JoinRequest,
  Member,
  Permissions,
  Refusal,
} from './types.ts';
export { refusalOf } from './rights.ts';
export { type Placement, type Verdict, isCut, mayWrite, verdictOf } from './verdict.ts';
