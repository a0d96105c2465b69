// Inflate (RFC 1950, 1951) for browsers without DecompressionStream.
function inflate(bytes) {
  let place = 2,
    hold = 0,
    held = 0,
    out = new Uint8Array(4 * bytes.length),
    length = 0;
  const bits = (count) => {
    while (held < count) {
      hold |= bytes[place++] << held;
      held += 8;
    }
    const value = hold & ((1 << count) - 1);
    hold >>>= count;
    held -= count;
    return value;
  };
  const room = (more) => {
    if (length + more <= out.length) return;
    const larger = new Uint8Array(Math.max(2 * out.length, length + more));
    larger.set(out);
    out = larger;
  };
  const symbol = (code) => {
    let value = 0,
      first = 0,
      index = 0;
    for (let size = 1; size < 16; size++) {
      value |= bits(1);
      const count = code.counts[size];
      if (value - count < first) return code.symbols[index + value - first];
      index += count;
      first = (first + count) << 1;
      value <<= 1;
    }
    throw new Error("damaged block");
  };
  for (let last = 0; !last;) {
    last = bits(1);
    const kind = bits(2);
    if (kind === 0) {
      hold = held = 0;
      const size = bytes[place] | (bytes[place + 1] << 8);
      room(size);
      out.set(bytes.subarray(place + 4, place + 4 + size), length);
      place += 4 + size;
      length += size;
      continue;
    }
    const [literals, distances] = kind === 1 ? fixedCodes() : readCodes(bits, symbol);
    for (let value; (value = symbol(literals)) !== 256;) {
      if (value < 256) {
        room(1);
        out[length++] = value;
        continue;
      }
      const size = LENGTHS[value - 257] + bits(LENGTH_BITS[value - 257]);
      const far = symbol(distances),
        back = DISTANCES[far] + bits(DISTANCE_BITS[far]);
      room(size);
      for (let n = 0; n < size; n++, length++) out[length] = out[length - back];
    }
  }
  return out.slice(0, length);
}

const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const LENGTHS = LENGTH_BITS.map((_, n) => (n === 28 ? 258 : n < 8 ? n + 3 : 3 + ((4 + (n & 3)) << ((n >> 2) - 1))));
const DISTANCE_BITS = Array.from({ length: 30 }, (_, n) => (n < 2 ? 0 : (n >> 1) - 1));
const DISTANCES = DISTANCE_BITS.map((more, n) => (n < 2 ? n + 1 : 1 + ((2 + (n & 1)) << more)));
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function codeOf(sizes) {
  const counts = new Uint16Array(16),
    starts = new Uint16Array(17),
    symbols = new Uint16Array(sizes.length);
  for (const size of sizes) counts[size]++;
  counts[0] = 0;
  for (let n = 1; n < 16; n++) starts[n + 1] = starts[n] + counts[n];
  sizes.forEach((size, value) => {
    if (size) symbols[starts[size]++] = value;
  });
  return { counts, symbols };
}

function fixedCodes() {
  const sizes = Array.from({ length: 288 }, (_, n) => (n < 144 ? 8 : n < 256 ? 9 : n < 280 ? 7 : 8));
  return [codeOf(sizes), codeOf(new Array(30).fill(5))];
}

function readCodes(bits, symbol) {
  const literals = bits(5) + 257,
    distances = bits(5) + 1,
    count = bits(4) + 4,
    first = new Array(19).fill(0);
  for (let n = 0; n < count; n++) first[ORDER[n]] = bits(3);
  const code = codeOf(first),
    sizes = [];
  while (sizes.length < literals + distances) {
    const value = symbol(code);
    if (value < 16) sizes.push(value);
    else {
      const repeated = value === 16 ? sizes[sizes.length - 1] : 0;
      const times = value === 16 ? 3 + bits(2) : value === 17 ? 3 + bits(3) : 11 + bits(7);
      for (let n = 0; n < times; n++) sizes.push(repeated);
    }
  }
  return [codeOf(sizes.slice(0, literals)), codeOf(sizes.slice(literals))];
}
