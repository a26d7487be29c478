type List = Float64Array | Int32Array | Uint32Array | Uint16Array;

/** What is in `from`, in `to`, which is longer: lists of plain numbers don't grow. */
export function grown<Numbers extends List>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}
