/**
 * A monitoring file (`--monitoring_config_file`).
 *
 * @see tensorflow_serving/config/monitoring_config.proto
 */
export interface MonitoringConfig {
  readonly prometheus?: PrometheusConfig | undefined;
}

export interface PrometheusConfig {
  /** Whether metrics are served, on the REST port. */
  readonly enable: boolean;
  /** Exact path of the page. @default "/monitoring/prometheus/metrics" */
  readonly path?: string | undefined;
}
