// How numbers are printed: expression/numbers.py, digit by digit. Doubles are rounded as the exact binary fractions
// they are, ties to even, as Python does; toFixed would round 0.0625 to 0.063.

const bits = new DataView(new ArrayBuffer(8));

// |x| × 10^places as a whole number, rounded half to even.
function scaled(x, places) {
  bits.setFloat64(0, Math.abs(x));
  const word = bits.getBigUint64(0);
  const biased = Number(word >> 52n);
  const fraction = (word & ((1n << 52n) - 1n)) + (biased ? 1n << 52n : 0n);
  const exponent = (biased || 1) - 1075;
  let top = fraction;
  let bottom = 1n;
  if (exponent > 0) top <<= BigInt(exponent);
  else bottom <<= BigInt(-exponent);
  if (places > 0) top *= 10n ** BigInt(places);
  else bottom *= 10n ** BigInt(-places);
  const whole = top / bottom;
  const twice = 2n * (top - whole * bottom);
  return twice > bottom || (twice === bottom && whole % 2n === 1n) ? whole + 1n : whole;
}

const pointed = (whole, digits) => {
  const text = String(whole).padStart(digits + 1, "0");
  return digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
};
const trim = (text) => (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text);

function scientific(size, digits) {
  let exponent = Number(size.toExponential().split("e")[1]);
  let whole = scaled(size, digits - exponent);
  if (whole < 10n ** BigInt(digits)) whole = scaled(size, digits - (exponent -= 1));
  if (whole >= 10n ** BigInt(digits + 1)) whole = scaled(size, digits - (exponent += 1));
  return `${trim(pointed(whole, digits))}e${exponent}`;
}

// `look` has the digits, and the sizes below and from which a number is in scientific notation.
export function fixed(value, look) {
  if (Number.isNaN(value)) return "undefined";
  const size = Math.abs(value);
  let text;
  if (size === Infinity) text = "∞";
  else if (size && (size >= look.large || size < look.small)) text = scientific(size, look.digits);
  else text = trim(pointed(scaled(size, look.digits), look.digits));
  return value < 0 ? `−${text}` : text;
}

// The shortest text that reads back as the same number, as Python's repr writes it, whole numbers without a point.
export function shortest(value) {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return fixed(value, { digits: 3, small: 0, large: Infinity });
  const [mantissa, exponent] = size.toExponential().split("e");
  const text = size === 0 || (size >= 1e-4 && size < 1e16) ? String(size) : `${mantissa}e${Number(exponent)}`;
  return value < 0 ? `−${text}` : text;
}
