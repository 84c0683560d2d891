/** What can be done on the page about a group, one question at a time. Who may do what is the engine's to say. */
import type {
  AccountId,
  Avatar,
  CallInput,
  ChatId,
  GroupDetail,
  GroupMember,
  GroupPermissions,
  GroupRole,
} from '@securechat/sync/api';
import type { App } from '$lib/state/app.svelte.ts';
import { describeError, text } from '$lib/text/index.ts';

export type Question = { readonly type: 'remove'; readonly member: GroupMember } | { readonly type: 'leave' };

export class GroupPage {
  /** What is being asked. */
  question = $state.raw<Question>();
  /** Whom the last question was about; undefined: about leaving. */
  asked = $state<AccountId>();
  /** Whose membership is asked about. */
  why = $state.raw<GroupMember>();
  isAdding = $state(false);
  chosen = $state.raw<readonly AccountId[]>([]);
  /** Whether those who are added get what was said before. */
  history = $state(true);
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
  }

  ask(question: Question): void {
    this.question = question;
    this.asked = question.type === 'remove' ? question.member.accountId : undefined;
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
    const chatId = this.#chatId;
    const isDone =
      question.type === 'leave'
        ? await this.#app.run('leaveGroup', { chatId })
        : await this.#app.run('removeMember', { chatId, accountId: question.member.accountId });
    this.isBusy = false;
    this.question = undefined;
    if (isDone && question.type === 'remove') this.#app.toasts.info(text.group.removedToast(question.member.name));
  }

  async setRole(accountId: AccountId, role: GroupRole): Promise<void> {
    await this.#app.run('setMemberRole', { chatId: this.#chatId, accountId, role });
  }

  async setPermission(changed: Partial<GroupPermissions>): Promise<void> {
    await this.#app.run('setGroupPermissions', { chatId: this.#chatId, ...changed });
  }

  async setAvatar(avatar: Avatar | undefined): Promise<void> {
    await this.#app.run('setGroupInfo', { chatId: this.#chatId, avatar: avatar ?? null });
  }

  startAdding(): void {
    this.chosen = [];
    this.history = true;
    this.isAdding = true;
  }

  async add(): Promise<void> {
    const { chosen: members, history } = this;
    if (members.length === 0 || this.isBusy) return;
    this.isBusy = true;
    const isDone = await this.#app.run('addMembers', { chatId: this.#chatId, members, history });
    this.isBusy = false;
    if (!isDone) return;
    this.isAdding = false;
    this.#app.toasts.info(text.group.added(members.length));
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
