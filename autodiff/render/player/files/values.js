// Values of the operations that Math lacks or defines differently: what operations/functions.py is for Python.
// Derivatives are not here: they are generated from the rule table (programs/javascript.py).
// At points outside a domain these follow IEEE 754 (ln 0 = −∞, 1/0 = ∞, √−1 = NaN), as modes/partials.py does; where Python
// raises a DomainError instead, the program of a trace says.

// --- arithmetic -------------------------------------------------------------------------------------------------
const signed = (size, like) => (like < 0 || Object.is(like, -0) ? -size : size);

export function power(x, y) {
  if (x === 1 || y === 0) return 1; // in C, and so in Python, whatever the other one is
  if (x === -1 && !Number.isFinite(y) && !Number.isNaN(y)) return 1;
  if (x === 0 && y < 0) return Infinity; // the limit that partials.py takes
  return Math.pow(x, y);
}

export function mod(x, y) {
  const rest = x % y;
  if (rest === 0) return signed(0, y);
  return rest < 0 !== y < 0 && !Number.isNaN(rest) ? rest + y : rest;
}

export function floordiv(x, y) {
  const rest = x % y;
  let quotient = (x - rest) / y;
  if (rest !== 0 && y < 0 !== rest < 0) quotient -= 1;
  if (quotient === 0) return signed(0, x / y);
  const whole = Math.floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

export const sqrt = (x) => Math.sqrt(x) + 0; // the root of −0 is 0, so that its slope is +∞

// --- logarithms and trigonometry ------------------------------------------------------------------------------
// Whole powers of the base have whole logarithms, which Math.log2 and Math.log10 sometimes miss by a digit.
const whole = (value, base, x) => (x > 1e-300 && base ** Math.round(value) === x ? Math.round(value) : value);
export const log2 = (x) => whole(Math.log2(x), 2, x);
export const log10 = (x) => whole(Math.log10(x), 10, x);
export const sec = (x) => 1 / Math.cos(x);
export const csc = (x) => 1 / Math.sin(x);
export const cot = (x) => 1 / Math.tan(x);
export function sech(x) {
  const small = Math.exp(-Math.abs(x));
  return (2 * small) / (1 + small * small);
}

// --- machine learning -----------------------------------------------------------------------------------------
export function sigmoid(x) {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const small = Math.exp(x);
  return small / (1 + small);
}
export const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
export const logaddexp = (x, y) =>
  x === y && !Number.isFinite(x) ? x : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
export const relu = (x) => (x <= 0 ? 0 : x);

// --- corners and steps ----------------------------------------------------------------------------------------
export const sign = (x) => Math.sign(x);
export const greater = (x, y) => (x > y ? 1 : x <= y ? 0 : NaN);
export const heaviside = (x, y) => (x === y ? 0.5 : greater(x, y));
export const max = (x, y) => (x >= y ? x : y > x ? y : NaN);
export const min = (x, y) => (x <= y ? x : y < x ? y : NaN);

// --- the error function ---------------------------------------------------------------------------------------
// e^(−x²): the rounding error of x² is computed (Veltkamp's splitting) and put back.
export function gaussian(x) {
  if (!(Math.abs(x) < 28)) return Number.isNaN(x) ? x : 0;
  const square = x * x;
  let high = x * 134217729;
  high -= high - x;
  const low = x - high;
  const error = high * high - square + 2 * high * low + low * low;
  return Math.exp(-square) * (1 - error);
}

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

export function erf(x) {
  if (Math.abs(x) > 2) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  // erf x = 2/√π e^(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5···(2n+1)): all terms have one sign, nothing cancels.
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-18; n += 1) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_ROOT_PI * gaussian(x) * sum;
}

export function erfc(x) {
  if (!(x > 0.5)) return 1 - erf(x);
  if (x > 28) return 0;
  // The continued fraction of DLMF 7.9.1, from the inside out.
  let tail = 0;
  for (let n = Math.ceil(30 + 220 / (x * x)); n > 0; n -= 1) tail = n / 2 / (x + tail);
  return (TWO_OVER_ROOT_PI / 2) * (gaussian(x) / (x + tail));
}

// --- the gamma function and its relatives ---------------------------------------------------------------------
const isPole = (x) => x <= 0 && Number.isInteger(x);
const sinPi = (x) => {
  const rest = x - 2 * Math.round(x / 2); // in [−1, 1], exactly
  return Math.abs(rest) > 0.5 ? Math.sin(Math.PI * (Math.sign(rest) - rest)) : Math.sin(Math.PI * rest);
};

// The Lanczos sum that CPython uses (g = 6.02468…, thirteen terms), numerator and denominator from the constant up.
const G = 6.02468004077673;
const NUMERATOR = [
  23531376880.41076, 42919803642.6491, 35711959237.35567, 17921034426.03721, 6039542586.352028, 1439720407.3117216,
  248874557.86205417, 31426415.585400194, 2876370.6289353725, 186056.26539522348, 8071.672002365816, 210.82427775157936,
  2.5066282746310002,
];
const DENOMINATOR = [
  0, 39916800, 120543840, 150917976, 105258076, 45995730, 13339535, 2637558, 357423, 32670, 1925, 66, 1,
];

function lanczos(x) {
  const up = (list) => list.reduceRight((sum, c) => sum * x + c, 0);
  const down = (list) => list.reduce((sum, c) => sum / x + c, 0); // in 1/x: xⁿ would overflow
  return x < 5 ? up(NUMERATOR) / up(DENOMINATOR) : down(NUMERATOR) / down(DENOMINATOR);
}

export function gamma(x) {
  if (Number.isNaN(x) || x === Infinity) return x;
  if (isPole(x) || x === -Infinity) return NaN;
  if (x === Math.floor(x) && x <= 23) {
    let product = 1;
    for (let n = 2; n < x; n += 1) product *= n;
    return product;
  }
  const size = Math.abs(x);
  if (size < 1e-20) return 1 / x;
  if (size > 200) return x < 0 ? 0 / sinPi(x) : Infinity;
  const y = size + (G - 0.5);
  const lost = size > G - 0.5 ? y - size - (G - 0.5) : y - (G - 0.5) - size;
  const correction = (lost * G) / y;
  const root = size < 140 ? Math.pow(y, size - 0.5) : Math.pow(y, size / 2 - 0.25);
  const twice = size < 140 ? 1 : root;
  if (x < 0) {
    const value = ((-Math.PI / sinPi(size) / size) * Math.exp(y)) / lanczos(size);
    return (value - correction * value) / root / twice;
  }
  const value = lanczos(x) / Math.exp(y);
  return (value + correction * value) * root * twice;
}

// Σ (x/(x+i))^s over i = 0, 1, …, for x > 0: the first terms one by one, the rest by Euler and Maclaurin.
const BERNOULLI = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
];

function zetaTimesPower(s, x) {
  const head = [];
  let at = x;
  for (; at < 12 + s; at += 1) head.push((at / x) ** -s);
  const last = (at / x) ** -s;
  let tail = (last * at) / (s - 1) + last / 2;
  let factor = (s * last) / at / 2;
  BERNOULLI.forEach((b, k) => {
    tail += b * factor;
    factor *= ((s + 2 * k + 1) * (s + 2 * k + 2)) / ((2 * k + 3) * (2 * k + 4) * at * at);
  });
  return head.reduceRight((sum, term) => sum + term, tail); // from the small ones up
}
const zeta = (s, x) => (zetaTimesPower(s, x) / x) * x ** (1 - s);

const EULER = 0.5772156649015329;
const ZETAS = Array.from({ length: 60 }, (_, n) => (n < 2 ? 0 : zeta(n, 1)));

// ln Γ(1−t) = γt + Σ ζ(n) tⁿ/n for |t| ≤ ½: near its zeros at Γ = 1 nothing cancels.
function lgammaOfOneMinus(t) {
  const series = ZETAS.reduceRight((sum, zetaN, n) => (n < 2 ? sum : sum * t + zetaN / n), 0);
  return t * (EULER + t * series);
}

export function lgamma(x) {
  if (Number.isNaN(x)) return x;
  if (!Number.isFinite(x)) return Infinity;
  if (isPole(x)) return Infinity;
  if (x < 0) return Math.log(Math.PI / Math.abs(sinPi(x))) - lgamma(1 - x);
  if (x < 0.5) return lgammaOfOneMinus(-x) - Math.log(x);
  if (x <= 1.5) return lgammaOfOneMinus(1 - x);
  if (x <= 2.5) return lgammaOfOneMinus(2 - x) + Math.log1p(x - 2);
  if (x < 12) {
    let product = 1;
    let at = x;
    for (; at > 2.5; product *= at) at -= 1;
    return lgamma(at) + Math.log(product);
  }
  let series = 0;
  BERNOULLI.forEach((b, k) => (series += b / ((2 * k + 2) * (2 * k + 1) * x ** (2 * k + 1))));
  return (x - 0.5) * (Math.log(x) - 1) + (0.5 * Math.log(2 * Math.PI) - 0.5) + series;
}

// ψ around its positive zero, which is ZERO + ZERO_REST.
const ZERO = 1.4616321449683623;
const ZERO_REST = 9.549995429965697e-17;
const AROUND_ZERO = Array.from({ length: 30 }, (_, n) => (n < 1 ? 0 : zeta(n + 1, ZERO) * (n % 2 ? 1 : -1)));

export function digamma(x) {
  if (Number.isNaN(x) || x === Infinity) return x;
  if (isPole(x) || x === -Infinity) return NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.round(x)));
  if (Math.abs(x - ZERO) < 0.3) {
    const t = x - ZERO - ZERO_REST;
    return AROUND_ZERO.reduceRight((sum, c) => sum * t + c, 0);
  }
  let sum = 0;
  let at = x;
  for (; at < 14; at += 1) sum -= 1 / at;
  let series = Math.log(at) - 1 / (2 * at);
  BERNOULLI.forEach((b, k) => (series -= b / ((2 * k + 2) * at ** (2 * k + 2))));
  return sum + series;
}

export function polygamma(n, x) {
  if (Number.isNaN(n) || Number.isNaN(x)) return NaN;
  if (!(n >= 0 && n <= 1000) || n !== Math.floor(n) || isPole(x) || x === -Infinity) return NaN;
  if (n === 0) return digamma(x);
  if (x === Infinity) return 0;
  let factorial = 1;
  for (let k = 2; k <= n; k += 1) factorial *= k;
  const even = n % 2 ? -1 : 1;
  if (x < -10) {
    const part = x - Math.floor(x);
    return polygamma(n, part) - even * (polygamma(n, 1 - part) - polygamma(n, 1 - x));
  }
  if (x < 0) return polygamma(n, x + 1) - even * factorial * x ** (-n - 1);
  if (n < 100) return -even * factorial * zeta(n + 1, x);
  return -even * Math.exp(lgamma(n + 1) - (n + 1) * Math.log(x)) * zetaTimesPower(n + 1, x);
}

// The n-th derivative of sin x / x, as in operations/functions.py: the power series near 0, the recurrence further out.
export function sincn(n, x) {
  if (!Number.isFinite(x) || !(n >= 0 && n <= 100 && Number.isInteger(n))) return NaN;
  if (Math.abs(x) < Math.max(1, n / 2)) {
    const parity = n % 2;
    let term = x ** parity * (-1) ** ((parity + n) / 2);
    let total = term / (parity + n + 1);
    for (let m = parity + 2; m < 200; m += 2) {
      term *= (-x * x) / (m * (m - 1));
      total += term / (m + n + 1);
    }
    return total;
  }
  const derivatives = [Math.sin(x), Math.cos(x), -Math.sin(x), -Math.cos(x)];
  let found = derivatives[0] / x;
  for (let k = 1; k <= n; k += 1) found = (derivatives[k % 4] - k * found) / x;
  return found;
}

// --- what only rules use ------------------------------------------------------------------------------------------
export function power_log(x, y) {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  if (x === 0 || x === Infinity) return y !== 0 && y > 0 === (x === 0) ? 0 : signed(Infinity, x - 1);
  return power(x, y) * Math.log(x);
}

// --- where Python raises a DomainError ------------------------------------------------------------------------
// Whether numbers gave NaN.
export const isNew = (z, ...operands) => Number.isNaN(z) && !operands.some(Number.isNaN);
