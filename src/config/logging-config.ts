/** A message of any type, packed: its bytes are not looked into. */
export interface PackedMessage {
  /** `type.googleapis.com/` and the full name of the type. */
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/**
 * What is logged of a model's requests, member by member as the server has it.
 *
 * @see tensorflow_serving/config/logging_config.proto
 */
export interface LoggingConfig {
  readonly logCollectorConfig?: { readonly type?: string; readonly filenamePrefix?: string } | undefined;
  readonly samplingConfig?: SamplingConfig | undefined;
  readonly customLoggingConfig?: PackedMessage | undefined;
}

export interface SamplingConfig {
  /** Share of the requests, 0 to 1. */
  readonly samplingRate?: number | undefined;
  readonly perTaskSamplingConfigs?:
    | readonly {
        readonly dc?: string | undefined;
        readonly taskIndex?: number | undefined;
        readonly samplingRate?: number | undefined;
      }[]
    | undefined;
  /** Flags: 1 the origin of a request, 2 its criticality. */
  readonly attributes?: number | undefined;
}
