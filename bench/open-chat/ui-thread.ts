/**
 * How long the tasks of a page's UI thread are: from Chromium's own trace, each task's duration, also the short ones. On a
 * machine that has other work, a task also waits for a core: that is in `clock` and not in `cpu`.
 */
import type { CDPSession, Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: of the clock, and of the thread's own CPU time. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

const CATEGORIES = ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'];

/** Milliseconds of the longest task by either measure. */
export interface Longest {
  readonly clock: number;
  readonly cpu: number;
}

/** The longest tasks on the UI threads of all pages while `work` runs. */
export async function longestTasks(page: Page, work: () => Promise<void>): Promise<Longest> {
  const devtools = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  devtools.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await devtools.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES, recordMode: 'recordAsMuchAsPossible' },
  });
  await work();
  await endTrace(devtools);
  await devtools.detach();
  const uiThreads = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(threadOf),
  );
  const tasks = events.filter((event) => event.name.endsWith('RunTask') && uiThreads.has(threadOf(event)));
  if (tasks.length === 0) throw new Error('the trace holds no task');
  return {
    clock: Math.max(...tasks.map(({ dur }) => dur ?? 0)) / 1000,
    cpu: Math.max(...tasks.map(({ tdur }) => tdur ?? 0)) / 1000,
  };
}

async function endTrace(devtools: CDPSession): Promise<void> {
  const complete = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve));
  await devtools.send('Tracing.end');
  await complete;
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${String(pid)}/${String(tid)}`;
}
