import { UserError } from "../errors.ts";

/** How many may wait in front of a gate. Who comes later is asked to come again. */
const mostWaiting = 50;

/** Lets so many pieces of costly work run at a time, so that the rest of the site has connections left. */
export class Gate {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(most: number) {
    this.free = most;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else if (this.waiting.length < mostWaiting) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else throw new UserError("unavailable", "Many are trying interests just now. Try again in a moment.");
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}
