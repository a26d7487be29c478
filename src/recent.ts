/** Keeps the values that were used last, at most so many. */
export class Recent<Key, Value> {
  private readonly most: number;
  private readonly values = new Map<Key, Value>();

  constructor(most: number) {
    this.most = most;
  }

  get(key: Key): Value | undefined {
    const value = this.values.get(key);
    if (value === undefined) return undefined;
    this.values.delete(key);
    this.values.set(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.values.delete(key);
    this.values.set(key, value);
    if (this.values.size > this.most) this.values.delete(this.values.keys().next().value as Key);
  }
}
