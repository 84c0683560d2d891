/** What can be done on the page about a group, one question at a time. Who may do what is the engine's to say. */
import type {
  AccountId,
  Avatar,
  CallInput,
  ChatId,
  FormerMember,
  GroupDetail,
  GroupMember,
  GroupPermissions,
  GroupRole,
} from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError, text } from '$lib/text/index.ts';
import { Adding } from './adding.svelte.ts';

export type Question =
  { readonly type: 'remove' | 'ban' | 'makeOwner'; readonly member: GroupMember } | { readonly type: 'leave' };

export class GroupPage {
  readonly adding: Adding;
  /** What is being asked. */
  question = $state.raw<Question>();
  /** Who is owner after the last one has left. */
  successor = $state<AccountId>();
  /** Whom the last question was about; undefined: about leaving. */
  asked = $state<AccountId>();
  /** Whose membership is asked about. */
  why = $state.raw<GroupMember>();
  isEditing = $state(false);
  name = $state('');
  description = $state('');
  nameError = $state<string>();
  isBusy = $state(false);
  readonly #app: App;
  readonly #chatId: ChatId;

  constructor(app: App, chatId: ChatId) {
    this.#app = app;
    this.#chatId = chatId;
    this.adding = new Adding(app, chatId);
  }

  ask(question: Question): void {
    this.question = question;
    this.successor = undefined;
    this.asked = question.type === 'leave' ? undefined : question.member.accountId;
  }

  askWhy(member: GroupMember): void {
    this.why = member;
    this.asked = member.accountId;
  }

  endWhy(): void {
    this.why = undefined;
  }

  cancel(): void {
    this.question = undefined;
  }

  /** Does what was asked. */
  async confirm(): Promise<void> {
    const { question } = this;
    if (!question || this.isBusy) return;
    this.isBusy = true;
    await this.#do(question);
    this.isBusy = false;
    this.question = undefined;
  }

  async #do(question: Question): Promise<void> {
    const chatId = this.#chatId;
    if (question.type === 'leave') {
      const { successor } = this;
      if (successor === undefined || (await this.setRole(successor, 'owner')))
        await this.#app.run('leaveGroup', { chatId });
      return;
    }
    const { accountId, name } = question.member;
    if (question.type === 'makeOwner') {
      await this.setRole(accountId, 'owner');
      return;
    }
    const ban = question.type === 'ban';
    const toast = ban ? text.group.bannedToast(name) : text.group.removedToast(name);
    if (await this.#app.run('removeMember', { chatId, accountId, ...(ban && { ban }) })) this.#app.toasts.info(toast);
  }

  /** Answers whether it worked. */
  async unban({ accountId, name }: FormerMember): Promise<boolean> {
    const isDone = await this.#app.run('unbanMember', { chatId: this.#chatId, accountId });
    if (isDone) this.#app.toasts.info(text.group.unbannedToast(name));
    return isDone;
  }

  async setRole(accountId: AccountId, role: GroupRole): Promise<boolean> {
    return this.#app.run('setMemberRole', { chatId: this.#chatId, accountId, role });
  }

  async setPermission(changed: Partial<GroupPermissions>): Promise<void> {
    await this.#app.run('setGroupPermissions', { chatId: this.#chatId, ...changed });
  }

  async setAvatar(avatar: Avatar | undefined): Promise<void> {
    await this.#app.run('setGroupInfo', { chatId: this.#chatId, avatar: avatar ?? null });
  }

  startEditing({ name, description }: GroupDetail): void {
    this.name = name;
    this.description = description;
    this.nameError = undefined;
    this.isEditing = true;
  }

  endEditing(): void {
    this.isEditing = false;
  }

  /** Says only what is other than before: each act is a line that everybody sees. True when the editing is over. */
  async save(before: GroupDetail): Promise<boolean> {
    const [name, description] = [this.name.trim(), this.description.trim()];
    const changed: CallInput<'setGroupInfo'> = {
      chatId: this.#chatId,
      ...(name !== before.name && { name }),
      ...(description !== before.description && { description }),
    };
    if (Object.keys(changed).length > 1) {
      const result = await this.#app.ask('setGroupInfo', changed);
      this.nameError = result && !result.ok ? describeError(result.error) : undefined;
      if (!result?.ok) return false;
      this.#app.toasts.info(text.group.saved);
    }
    this.isEditing = false;
    return true;
  }
}
