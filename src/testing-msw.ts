export { type TfServingHandlers, type TfServingHandlersOptions, tfServingHandlers } from "./testing/msw-handlers.ts";
