import { ServingError } from "../errors/serving-error.ts";

/** The answer does not have a row for each row that was sent, so nobody can say whose is whose. */
export function wrongRows(sent: number, what: string): ServingError {
  return new ServingError(
    `${what} to a request of ${sent} ${sent === 1 ? "row" : "rows"}: the model does not answer row by row, so its calls cannot share requests; set batching: false for them`,
    { code: "INTERNAL", kind: "protocol" },
  );
}
