import { halfPlus } from "./half-plus.ts";

/** `y = x / 2 + 3`: as `halfPlusTwo`, to tell two models or versions apart by their answers. */
export const halfPlusThree = halfPlus(3);
