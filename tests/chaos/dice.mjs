// Numbers that look random and are the same for the same seed (mulberry32).

export function dice(seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    random,
    below: (count) => Math.floor(random() * count),
    falls: (often) => random() < often,
    pick: (list) => list[Math.floor(random() * list.length)],
  };
}
