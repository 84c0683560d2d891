const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);

export const attach = {
  menu: 'Attach',
  poll: 'Poll',
};

export const poll = {
  preview: (question: string) => `Poll: ${question}`,
  title: 'New poll',
  question: 'Question',
  options: 'Choices',
  option: (number: number) => `Choice ${String(number)}`,
  add: 'Add a choice',
  remove: (number: number) => `Remove choice ${String(number)}`,
  multiple: 'Several choices',
  multipleHint: 'Everybody may choose more than one.',
  create: 'Create poll',
  needsQuestion: 'What do you want to ask?',
  needsOptions: 'Give at least two choices.',
  needsDifferent: 'Two of the choices are the same.',
  chooseOne: 'Choose one',
  chooseSeveral: 'Choose one or more',
  closed: 'Poll closed',
  choice: (option: string, votes: number) => `${option}, ${String(votes)} ${plural(votes, 'vote', 'votes')}`,
  voters: (count: number) =>
    count === 0 ? 'No votes yet' : `${String(count)} ${plural(count, 'person', 'people')} voted`,
  takeBack: 'Take back my vote',
  show: 'Show votes',
  close: 'Close poll…',
  votesTitle: 'Votes',
  votes: (count: number) => `${String(count)} ${plural(count, 'vote', 'votes')}`,
  closeTitle: 'Close this poll?',
  closeText: 'Nobody can vote after that, and it cannot be opened again.',
  closeNow: 'Close poll',
};

export const mentions = {
  list: 'Members to mention',
  found: (count: number) =>
    `${String(count)} ${plural(count, 'member', 'members')} to mention. Up and down to choose, Enter to take.`,
  open: (name: string) => `${name}: show in the group`,
};
