/** The Python that a peer was installed for, by `run.mjs`. */
export function pythonOf(peer: "protobuf" | "tensorflow" | "pythie" | "kserve"): string {
  const python = process.env[`PEERS_${peer.toUpperCase()}_PYTHON`];
  if (!python) throw new Error(`no Python for the peer "${peer}": run \`npm run test:peers\``);
  return python;
}
