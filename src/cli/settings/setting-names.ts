/** The file that is read where none is named. */
export const DEFAULT_FILE = "tfserving.config.json";

/** Each variable and where its value stands in a file. The headers of a file have no variable. */
export const VARIABLES: Readonly<Record<string, readonly [string] | readonly [string, string]>> = {
  TFS_ADDRESS: ["address"],
  TFS_MODEL: ["model"],
  TFS_VERSION: ["version"],
  TFS_LABEL: ["label"],
  TFS_SIGNATURE: ["signature"],
  TFS_TIMEOUT_MS: ["timeoutMs"],
  TFS_AUTH: ["auth"],
  TFS_ALLOW_INSECURE_CREDENTIALS: ["allowInsecureCredentials"],
  TFS_TLS_CA: ["tls", "ca"],
  TFS_TLS_CERT: ["tls", "cert"],
  TFS_TLS_KEY: ["tls", "key"],
  TFS_TLS_SERVER_NAME: ["tls", "serverName"],
};

/** For the help of the whole program, in 80 columns. */
export const SETTINGS_HELP = `
Settings: what the command line leaves out is taken from variables, then from
the file that --config or TFS_CONFIG names, else from ${DEFAULT_FILE}
in the working directory.
  TFS_ADDRESS  TFS_MODEL  TFS_VERSION  TFS_LABEL  TFS_SIGNATURE  TFS_TIMEOUT_MS
  TFS_AUTH ("Bearer …")  TFS_ALLOW_INSECURE_CREDENTIALS  TFS_TLS_CA
  TFS_TLS_CERT  TFS_TLS_KEY  TFS_TLS_SERVER_NAME
  {"address": "grpcs://host:8500", "model": "m", "version": 1, "timeoutMs": 500,
   "label": …, "signature": …, "auth": …, "headers": {"name": "value"},
   "allowInsecureCredentials": …, "tls": {"ca", "cert", "key", "serverName"}}`;
