import { configureGlobal } from "fast-check";

export { default } from "fast-check";

/** The same cases in each run, so that none fails for what another change did. `PROPERTY_SEED=7` tries others. */
const SEED = 20_260_101;

configureGlobal({ seed: Number(process.env["PROPERTY_SEED"] ?? SEED) });
