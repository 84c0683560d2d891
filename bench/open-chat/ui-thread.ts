/**
 * How long the tasks of a page's UI thread are: from Chromium's own trace, each task's duration, also the short ones. On a
 * machine that has other work, a task also waits for a core: that is in `clock` and not in `cpu`. Only the page's own
 * thread counts: Chromium draws parts of itself as pages too (the address bar's popup), each with a UI thread.
 */
import type { CDPSession, Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds: when it began, how long it took by the clock, and of the thread's own CPU time. */
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
}

const CATEGORIES = ['toplevel', 'disabled-by-default-devtools.timeline', 'blink.user_timing'];
/** What the page itself writes into the trace, so that its thread is known. */
const MARK = 'securechat-bench';

/** Milliseconds of the longest task by either measure. */
export interface Longest {
  readonly clock: number;
  readonly cpu: number;
  /** What the one that took most of the CPU did, most first: names of Chromium's trace with milliseconds, inner ones inside outer ones. */
  readonly work: string;
}

/** Names told of one task. */
const NAMES = 5;

/** The longest tasks on the page's UI thread while `work` runs. */
export async function longestTasks(page: Page, work: () => Promise<void>): Promise<Longest> {
  const devtools = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  devtools.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await devtools.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES, recordMode: 'recordAsMuchAsPossible' },
  });
  await work();
  await devtools.send('Runtime.evaluate', { expression: `performance.mark('${MARK}')` });
  await endTrace(devtools);
  await devtools.detach();
  const marked = events.find(({ name }) => name === MARK);
  if (marked === undefined) throw new Error('the trace does not hold the mark');
  // What begins after the work is the tracer's own: each thread hands over its part of the trace in one long task.
  const tasks = events.filter(
    (event) => event.name.endsWith('RunTask') && threadOf(event) === threadOf(marked) && event.ts <= marked.ts,
  );
  if (tasks.length === 0) throw new Error('the trace holds no task');
  const longest = tasks.reduce((a, b) => ((a.tdur ?? 0) >= (b.tdur ?? 0) ? a : b));
  return {
    clock: Math.max(...tasks.map(({ dur }) => dur ?? 0)) / 1000,
    cpu: (longest.tdur ?? 0) / 1000,
    work: workIn(longest, events),
  };
}

function workIn(task: TraceEvent, events: readonly TraceEvent[]): string {
  const sums = new Map<string, number>();
  for (const event of events) {
    const isInside = threadOf(event) === threadOf(task) && event.ts >= task.ts && event.ts < task.ts + (task.dur ?? 0);
    if (isInside && event.tdur && !event.name.endsWith('RunTask'))
      sums.set(event.name, (sums.get(event.name) ?? 0) + event.tdur / 1000);
  }
  return [...sums]
    .sort(([, a], [, b]) => b - a)
    .slice(0, NAMES)
    .map(([name, ms]) => `${name} ${ms.toFixed(0)}`)
    .join(', ');
}

async function endTrace(devtools: CDPSession): Promise<void> {
  const complete = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve));
  await devtools.send('Tracing.end');
  await complete;
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${String(pid)}/${String(tid)}`;
}
