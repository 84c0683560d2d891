/** What carries words between state machines in tests: it loses, repeats and delays them. */
import type { VirtualClock } from '../simulation/clock.ts';
import type { Dice } from '../simulation/dice.ts';

/** How likely something that is said is lost, comes twice, or comes late. */
export interface Weather {
  readonly lost: number;
  readonly twice: number;
  readonly late: number;
}

export class Air<Said> {
  weather: Weather = { lost: 0, twice: 0, late: 0 };
  readonly #past: Said[] = [];
  readonly #clock: VirtualClock;
  readonly #dice: Dice;
  readonly #arrive: (said: Said) => void;

  constructor(clock: VirtualClock, dice: Dice, arrive: (said: Said) => void) {
    this.#clock = clock;
    this.#dice = dice;
    this.#arrive = arrive;
  }

  /** `isLost`: for another reason than the weather. */
  carry(said: Said, isLost: boolean): void {
    this.#past.push(said);
    const { lost, twice, late } = this.weather;
    if (isLost || this.#dice.chance(lost)) return;
    const delays = [this.#dice.between(1, 80)];
    if (this.#dice.chance(twice)) delays.push(this.#dice.between(1, 10_000));
    if (this.#dice.chance(late)) delays[0] = this.#dice.between(100, 40_000);
    for (const delay of delays)
      this.#clock.after(delay, () => {
        this.#arrive(said);
      });
  }

  /** Brings something that was said long ago, once more. */
  replay(): void {
    if (this.#past.length === 0) return;
    const old = this.#past[this.#dice.below(this.#past.length)];
    if (old !== undefined) this.#arrive(old);
  }
}
