/** What a call sounds like before anybody speaks: made by the browser, so that it works off line and loads nothing. */

/** ring: somebody calls. ringback: theirs rings. ended: it is over. */
export type Tone = 'ring' | 'ringback' | 'ended';

interface Beep {
  /** Seconds after the beginning; how long; how high. */
  readonly at: number;
  readonly for: number;
  readonly pitches: readonly number[];
}

/** What is played, and after how many seconds again; 0: once. */
const TONES: Readonly<
  Record<Tone, { readonly every: number; readonly loudness: number; readonly beeps: readonly Beep[] }>
> = {
  ring: {
    ...{ every: 3.2, loudness: 0.22 },
    beeps: [0, 0.22, 0.44, 0.9, 1.12, 1.34].map((at, i) => ({
      at,
      for: 0.2,
      pitches: [[659, 784, 988][i % 3] ?? 659],
    })),
  },
  ringback: { every: 4, loudness: 0.07, beeps: [{ at: 0, for: 1, pitches: [425] }] },
  ended: {
    ...{ every: 0, loudness: 0.1 },
    beeps: [0, 0.25].map((at) => ({ at, for: 0.14, pitches: [440] })),
  },
};

/** Plays until it is stopped, or once. Silent where the browser plays nothing before the page was touched. */
export function playTone(tone: Tone): () => void {
  const context = new AudioContext();
  const { every, loudness, beeps } = TONES[tone];
  const play = (): void => {
    // What is scheduled while the browser keeps it silent would all sound at once later.
    if (context.state === 'running') for (const beep of beeps) schedule(context, beep, loudness);
  };
  // Closed before the browser let it sound: it was only for a moment.
  void context.resume().then(play, () => undefined);
  const timer = every > 0 ? setInterval(play, every * 1000) : setTimeout(() => void context.close(), 1000);
  return () => {
    clearInterval(timer);
    clearTimeout(timer);
    if (context.state !== 'closed') void context.close();
  };
}

function schedule(context: AudioContext, { at, for: length, pitches }: Beep, loudness: number): void {
  const from = context.currentTime + at;
  const gain = context.createGain();
  // A tone that starts or ends at once clicks.
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(loudness, from + 0.015);
  gain.gain.setValueAtTime(loudness, from + length - 0.03);
  gain.gain.linearRampToValueAtTime(0, from + length);
  gain.connect(context.destination);
  for (const pitch of pitches) {
    const oscillator = context.createOscillator();
    oscillator.frequency.value = pitch;
    oscillator.connect(gain);
    oscillator.start(from);
    oscillator.stop(from + length);
  }
}
