import { InvalidArgumentError } from "commander";

const MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A duration with its unit, in milliseconds: `500ms`, `30s`, `10m`, `1.5h`. */
export function readDuration(text: string): number {
  const [, number, unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
  const ms = Number(number) * (MS[unit] ?? Number.NaN);
  if (!(ms >= 1)) throw new InvalidArgumentError("a duration is a number and its unit: 500ms, 30s, 10m or 1h.");
  return ms;
}

const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** An amount of memory in bytes: `1500000000`, `32GB`, `32G`, `8GiB`, `512Mi`. */
export function readBytes(text: string): number {
  const [, number, unit = ""] = /^(\d{1,15}(?:\.\d{1,3})?)(|k|[MGT]|[KMGT]i)B?$/.exec(text) ?? [];
  const bytes = Math.round(Number(number) * (BYTES[unit] ?? Number.NaN));
  if (!(bytes >= 1))
    throw new InvalidArgumentError("an amount of memory is a number of bytes, or as 512MB, 32GB, 8GiB.");
  return bytes;
}

/** A whole number from 1. */
export function readCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,9}$/.test(text) || count === 0) throw new InvalidArgumentError("it is a whole number from 1.");
  return count;
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** Bytes for a reader, three digits, in powers of 1,000: `1.07 GB`. */
export function formatBytes(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${bytes < 0 ? "-" : ""}${unit === 0 ? Math.round(value) : threeDigits(value)} ${BYTE_UNITS[unit]}`;
}

/** {@link formatBytes} with its sign, for differences: `+40.0 MB`. */
export function formatGrowth(bytes: number): string {
  return `${bytes > 0 ? "+" : ""}${formatBytes(bytes)}`;
}

/** Milliseconds for a reader, three digits: `0.85 ms`, `12.4 ms`, `1.20 s`. */
export function formatMs(ms: number): string {
  return ms < 999.5 ? `${threeDigits(ms)} ms` : `${threeDigits(ms / 1_000)} s`;
}

/** A length of time for a reader: `1.2 s`, `45 s`, `3 min 12 s`, `10 min`, `7 h 30 min`, `12 days`. */
export function formatDuration(ms: number): string {
  if (ms < 950) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${Number((ms / 1_000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return inParts(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 2_880) return inParts(Math.floor(minutes / 60), "h", minutes % 60, "min");
  return `${Math.round(minutes / 1_440)} days`;
}

function inParts(whole: number, unit: string, rest: number, smaller: string): string {
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${smaller}`;
}

/** How often something happens: `0.80/s`, `1,250/s`. */
export function formatRate(perSecond: number): string {
  return `${perSecond < 999.5 ? threeDigits(perSecond) : formatCount(perSecond)}/s`;
}

/** A share of 1: `26 %`, `0.4 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent === 0 || percent >= 9.95 ? Math.round(percent) : percent.toFixed(1)} %`;
}

/** A whole number in groups of three: `12,345`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

function threeDigits(value: number): string {
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}
