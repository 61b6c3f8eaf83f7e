/** Rows of the matrix that wait for a part of the package which is not there yet, each with the part. */
export const PENDING: Readonly<Record<number, string>> = {
  63: "safe reloads: a wedged server is told apart by watching it",
  64: "safe reloads: a plan is checked before anything is sent",
  65: "safe reloads: the outcome is decided by looking, never by sending again",
  66: "rollouts: a bad version is refused and the one before it restored",
  67: "rollouts: the fast fuse after promotion",
  68: "rollouts: a rollback that fails says what is to be done",
};
