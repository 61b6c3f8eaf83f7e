/**
 * Floats as the server's JSON writes them: six significant digits if those read back to the same value, else nine
 * (float32) or seventeen (float64), always with a point or an exponent.
 *
 * @see tensorflow_serving/util/json_tensor.cc WriteDecimal
 */
export function formatDecimal(value: number, precision: 9 | 17): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "-Infinity" : "Infinity";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const magnitude = Math.abs(value);
  if (precision === 9 && magnitude >= 1e-3 && magnitude < 999_999) {
    const text = String(value < 0 ? -roundFloat32(magnitude) : roundFloat32(magnitude));
    return text.includes(".") ? text : `${text}.0`;
  }
  // Where six digits are a tie they do not read back, so that the way it is rounded does not matter yet.
  const short = value.toExponential(5);
  const readBack = precision === 9 ? Math.fround(Number(short)) : Number(short);
  const text = readBack === value ? layOut(short, 6) : layOut(roundHalfEven(value, precision), precision);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

const POWERS_OF_TEN: readonly number[] = Array.from({ length: 12 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The number whose shortest text is what {@link formatDecimal} writes for a float32 of middling size: rounded to six
 * digits or nine. Nearly all values of a reply come here, and a product of a float32 and 10^11 is exact.
 */
function roundFloat32(magnitude: number): number {
  // 10^after turns six digits before the point into a whole number.
  let after = 0;
  while (magnitude * (POWERS_OF_TEN[after] as number) < 1e5) after++;
  const six = POWERS_OF_TEN[after] as number;
  const short = Math.round(magnitude * six) / six;
  if (Math.fround(short) === magnitude) return short;
  const nine = POWERS_OF_TEN[after + 3] as number;
  const scaled = magnitude * nine;
  const above = Math.floor(scaled + 0.5);
  const isTie = above - scaled === 0.5;
  return (isTie && above % 2 === 1 ? above - 1 : above) / nine;
}

/** printf's `%.{precision}g`. */
export function formatSignificant(value: number, precision: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  return layOut(roundHalfEven(value, precision), precision);
}

/** Digits and exponent as `%g` arranges them: trailing zeros gone, an exponent only where it is far from zero. */
function layOut(rounded: string, precision: number): string {
  const [mantissa = "", exponentText = "0"] = rounded.split("e");
  const exponent = Number(exponentText);
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "").replace(/0+$/, "");
  if (exponent < -4 || exponent >= precision) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${sign}${digits[0]}${tail}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return fraction === "" ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** C rounds a tie to the even digit, JavaScript away from zero. They differ only where the digits end in a lone 5. */
function roundHalfEven(value: number, precision: number): string {
  const rounded = value.toExponential(precision - 1);
  const longer = value.toExponential(precision);
  const [mantissa = "", exponent] = longer.split("e");
  if (!mantissa.endsWith("5") || Number(longer) !== value) return rounded;
  const exact = value.toExponential(Math.min(100, precision + 60));
  if (!/^50*$/.test((exact.split("e")[0] ?? "").replace(/[-.]/g, "").slice(precision))) return rounded;
  const kept = mantissa.slice(0, -1).replace(/\.$/, "");
  const isEven = Number(kept.at(-1)) % 2 === 0;
  return isEven ? `${kept}e${exponent}` : rounded;
}
