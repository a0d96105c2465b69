// Arrays of the page: lists, or blocks of compressed numbers; see bdg/view/packing.py.
const TYPES = { f8: Float64Array, f4: Float32Array, i4: Int32Array };

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const string = atob(text),
    bytes = new Uint8Array(string.length);
  for (let n = 0; n < bytes.length; n++) bytes[n] = string.charCodeAt(n);
  return bytes;
}

async function inflated(bytes) {
  if (typeof DecompressionStream === "undefined") return inflate(bytes);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// A typed array.
async function decoded(part) {
  if (Array.isArray(part)) return Float64Array.from(part);
  const element = document.getElementById(`block-${part.block}`);
  const bytes = await inflated(bytesOf(element.textContent));
  element.textContent = ""; // its numbers are kept by who asked
  return part.type in TYPES ? new TYPES[part.type](bytes.buffer) : codesOf(bytes, part);
}

function codesOf(bytes, part) {
  const count = part.shape.reduce((a, b) => a * b, 1),
    width = part.shape[part.shape.length - 1];
  const codes = new Uint16Array(count),
    narrow = part.type === "u12",
    mask = narrow ? 4095 : 65535;
  for (let n = 0; n < count; n++) {
    const rest = narrow ? (n & 1 ? bytes[count + (n >> 1)] & 15 : bytes[count + (n >> 1)] >> 4) : bytes[count + n];
    const difference = narrow ? (bytes[n] << 4) | rest : (bytes[n] << 8) | rest;
    codes[n] = (difference + (n < width ? 0 : codes[n - width])) & mask;
  }
  return codes;
}

// A table of numbers, exact or packed: read one by one by their place.
async function numbersOf(part) {
  const values = await decoded(part);
  if (!part.low) return { at: (n) => values[n], count: values.length, limits: () => limitsOf(values) };
  const [low, step] = [await decoded(part.low), await decoded(part.step)];
  const width = part.shape[part.shape.length - 1],
    missing = part.type === "u12" ? 4095 : 65535;
  return {
    at: (n) => {
      const row = Math.floor(n / width);
      return values[n] === missing ? NaN : low[row] + step[row] * values[n];
    },
    count: values.length,
    limits: () => [Math.min(...low), Math.max(...low.map((one, n) => one + step[n] * (missing - 1)))],
  };
}

function limitsOf(values) {
  let low = Infinity,
    high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}
