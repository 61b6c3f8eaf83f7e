/** How bad it is. `info`: worth knowing, nothing to do. */
export type Severity = "ok" | "info" | "warning" | "error";

/** One thing that was looked at. */
export interface Finding {
  /** What: `port`, `tls`, `model`. */
  readonly check: string;
  readonly severity: Severity;
  /** What was found, in one line. */
  readonly found: string;
  /** What to do about it, in one line; there for warnings and errors. */
  readonly advice?: string;
}

const RANK: Readonly<Record<Severity, number>> = { ok: 0, info: 0, warning: 1, error: 2 };

/** `ok`, `warning` or `error`: the worst of them. */
export function worstOf(findings: readonly Finding[]): Exclude<Severity, "info"> {
  const rank = Math.max(0, ...findings.map(({ severity }) => RANK[severity]));
  return rank === 2 ? "error" : rank === 1 ? "warning" : "ok";
}

export const ok = (check: string, found: string): Finding => ({ check, severity: "ok", found });
export const info = (check: string, found: string): Finding => ({ check, severity: "info", found });
export const warning = (check: string, found: string, advice: string): Finding => ({
  check,
  severity: "warning",
  found,
  advice,
});
export const error = (check: string, found: string, advice: string): Finding => ({
  check,
  severity: "error",
  found,
  advice,
});
