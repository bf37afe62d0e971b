// A command: the first twenty prime numbers, by way of a generator, a regular expression and a Map.
function* primes() {
  const known = [];
  for (let n = 2; ; ++n) {
    if (known.every((p) => n % p)) {
      known.push(n);
      yield n;
    }
  }
}

export const run = {
  run() {
    const found = new Map();
    for (const p of primes()) {
      found.set(p, String(p).replace(/\d$/, (digit) => `_${digit}`));
      if (found.size === 20) break;
    }
    console.log("hello from JavaScript:", [...found.values()].join(" "));
  },
};
