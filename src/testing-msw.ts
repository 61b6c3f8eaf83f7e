export { fetchDispatcher } from "./testing/fetch-dispatcher.ts";
export { type TfServingHandlers, type TfServingHandlersOptions, tfServingHandlers } from "./testing/msw-handlers.ts";
