export type Slots = {
  /** Waits for a free slot. False: there are none to wait for. */
  take: () => Promise<boolean>;
  give: () => void;
};

/** At most `width()` at a time, which may change between one `give` and the next. */
export function createSlots(width: () => number): Slots {
  let taken = 0;
  const waiting: ((got: boolean) => void)[] = [];
  return {
    take: async () => {
      const most = width();
      if (most === 0) return false;
      if (taken >= most) return new Promise((resolve) => waiting.push(resolve));
      taken++;
      return true;
    },
    give: () => {
      taken--;
      const most = width();
      while (waiting.length > 0 && (most === 0 || taken < most)) {
        if (most > 0) taken++;
        waiting.shift()?.(most > 0);
      }
    },
  };
}
