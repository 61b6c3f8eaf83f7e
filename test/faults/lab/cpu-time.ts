/** What this process has computed so far, in milliseconds: time in which others had the processor is not in it. */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
