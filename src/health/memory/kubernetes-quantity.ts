const FACTORS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/**
 * A quantity of Kubernetes as a number: `131072Ki`, `1.5Gi`, `128974848`, `129e6`. Undefined for what is none.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(text: unknown): number | undefined {
  if (typeof text !== "string" || text.length > 40) return undefined;
  const [, digits, suffix = ""] = /^([0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,2})?)([A-Za-z]{0,2})$/.exec(text) ?? [];
  const factor = Object.hasOwn(FACTORS, suffix) ? FACTORS[suffix] : undefined;
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
